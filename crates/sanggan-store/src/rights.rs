//! Who may do what, in one table.

/// What a user is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 管理员: users and everything an operator may.
    Admin,
    /// 运行人员: devices, quarantine, imports, questions in SQL, and everything a viewer may.
    Operator,
    /// 查看者: reads everything but users.
    Viewer,
}

impl Role {
    /// Every role.
    pub const ALL: &'static [Role] = &[Role::Admin, Role::Operator, Role::Viewer];

    /// The name in the store and the API.
    pub fn name(self) -> &'static str {
        match self {
            Role::Admin => "admin",
            Role::Operator => "operator",
            Role::Viewer => "viewer",
        }
    }

    /// The role with this name.
    pub fn from_name(name: &str) -> Option<Role> {
        Role::ALL.iter().copied().find(|role| role.name() == name)
    }
}

/// The least that one must be to do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Least {
    Anyone,
    Viewer,
    Operator,
    Admin,
}

macro_rules! operations {
    ($($(#[$doc:meta])* $variant:ident = $name:literal : $least:ident),+ $(,)?) => {
        /// Something that a person or a program asks the platform to do. Every endpoint names one.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Operation { $($(#[$doc])* $variant),+ }

        impl Operation {
            /// Every operation.
            pub const ALL: &'static [Operation] = &[$(Operation::$variant),+];

            /// The name in logs and in the reference.
            pub fn name(self) -> &'static str {
                match self { $(Operation::$variant => $name),+ }
            }

            fn least(self) -> Least {
                match self { $(Operation::$variant => Least::$least),+ }
            }
        }
    };
}

operations! {
    /// Logging in and out, asking who one is.
    UseSession = "session.use": Anyone,
    /// Changing one's own password.
    ChangeOwnPassword = "session.password": Viewer,
    /// The public overview, the map, the classes, figures of air stations and river sections and their explanations.
    ReadPublic = "public.read": Anyone,
    /// The library of standards, and what the evaluators read.
    ReadLaw = "law.read": Anyone,
    /// Having rows of one's own judged; nothing of them is kept.
    Assess = "law.assess": Anyone,
    /// Stations of every kind, their series and statistics.
    ReadStations = "stations.read": Viewer,
    /// Outlets: values against limits, loads.
    ReadOutlets = "outlets.read": Viewer,
    /// Registers: definitions and records; which of them, `sanggan_records::rights` says record by record.
    ReadRegisters = "registers.read": Anyone,
    /// What happened to a record, and what is due.
    ReadRecordHistory = "records.history": Viewer,
    /// Making and changing records; which of them, `sanggan_records::rights` says record by record.
    ChangeRecords = "records.change": Viewer,
    /// Importing records.
    ImportRecords = "records.import": Viewer,
    /// Devices and their health.
    ReadDevices = "devices.read": Viewer,
    /// Frames as received.
    ReadFrames = "frames.read": Viewer,
    /// Explanations of figures that are not public.
    ReadExplanations = "explain.read": Viewer,
    /// Live events of stations that are not public.
    FollowLive = "live.follow": Viewer,
    /// State of the platform.
    ReadStatus = "status.read": Viewer,
    /// The list of devices not admitted.
    ReadQuarantine = "quarantine.read": Viewer,
    /// Admitting or refusing a device.
    DecideQuarantine = "quarantine.decide": Operator,
    /// Changing stations, devices, bindings and limits.
    ChangeMonitors = "monitors.change": Operator,
    /// Asking the lake in SQL.
    AskSql = "sql.ask": Operator,
    /// Importing recorded data.
    Import = "import.run": Operator,
    /// The journal of changes.
    ReadJournal = "journal.read": Operator,
    /// The list of users.
    ReadUsers = "users.read": Admin,
    /// Making and changing users.
    ChangeUsers = "users.change": Admin,
}

/// Whether one who is `role` (`None`: not logged in) may do `operation`.
pub fn allowed(role: Option<Role>, operation: Operation) -> bool {
    match (operation.least(), role) {
        (Least::Anyone, _) => true,
        (_, None) => false,
        (Least::Viewer, Some(Role::Viewer | Role::Operator | Role::Admin)) => true,
        (Least::Operator, Some(Role::Operator | Role::Admin)) => true,
        (Least::Admin, Some(Role::Admin)) => true,
        (Least::Operator | Least::Admin, Some(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    /// Every operation × every role. A new operation changes this table, and a person looks at the change.
    #[test]
    fn every_operation_for_every_role() {
        let mut table = String::from("operation            none   viewer operator admin\n");
        for &operation in Operation::ALL {
            let mark = |role| if allowed(role, operation) { "yes" } else { "-" };
            let row = format!(
                "{:20} {:6} {:6} {:8} {}",
                operation.name(),
                mark(None),
                mark(Some(Role::Viewer)),
                mark(Some(Role::Operator)),
                mark(Some(Role::Admin))
            );
            table.push_str(row.trim_end());
            table.push('\n');
        }
        expect![[r#"
            operation            none   viewer operator admin
            session.use          yes    yes    yes      yes
            session.password     -      yes    yes      yes
            public.read          yes    yes    yes      yes
            law.read             yes    yes    yes      yes
            law.assess           yes    yes    yes      yes
            stations.read        -      yes    yes      yes
            outlets.read         -      yes    yes      yes
            registers.read       yes    yes    yes      yes
            records.history      -      yes    yes      yes
            records.change       -      yes    yes      yes
            records.import       -      yes    yes      yes
            devices.read         -      yes    yes      yes
            frames.read          -      yes    yes      yes
            explain.read         -      yes    yes      yes
            live.follow          -      yes    yes      yes
            status.read          -      yes    yes      yes
            quarantine.read      -      yes    yes      yes
            quarantine.decide    -      -      yes      yes
            monitors.change      -      -      yes      yes
            sql.ask              -      -      yes      yes
            import.run           -      -      yes      yes
            journal.read         -      -      yes      yes
            users.read           -      -      -        yes
            users.change         -      -      -        yes
        "#]]
        .assert_eq(&table);
    }

    #[test]
    fn a_higher_role_may_all_that_a_lower_one_may() {
        let ladder = [None, Some(Role::Viewer), Some(Role::Operator), Some(Role::Admin)];
        for &operation in Operation::ALL {
            for pair in ladder.windows(2) {
                assert!(!allowed(pair[0], operation) || allowed(pair[1], operation), "{}", operation.name());
            }
        }
        for &role in Role::ALL {
            assert_eq!(Role::from_name(role.name()), Some(role));
        }
    }
}
