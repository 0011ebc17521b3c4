//! Who may do what, in one table: each operation has its set of roles. There is no ladder.

pub use sanggan_records::rights::Role;

/// One kind of caller: a role, or nobody in particular.
type Who = Option<Role>;

const PUBLIC: Who = None;
const VIEWER: Who = Some(Role::Viewer);
const OFFICER: Who = Some(Role::Officer);
const OPERATOR: Who = Some(Role::Operator);
const ENTERPRISE: Who = Some(Role::Enterprise);
const SYSTEM: Who = Some(Role::SystemAdmin);
const SECURITY: Who = Some(Role::SecurityAdmin);
const AUDIT: Who = Some(Role::AuditAdmin);

/// Logged in or not.
const EVERYONE: &[Who] = &[PUBLIC, VIEWER, OFFICER, OPERATOR, ENTERPRISE, SYSTEM, SECURITY, AUDIT];
/// Whoever has an account.
const ACCOUNTS: &[Who] = &[VIEWER, OFFICER, OPERATOR, ENTERPRISE, SYSTEM, SECURITY, AUDIT];
/// The bureau's people who work with figures.
const STAFF: &[Who] = &[VIEWER, OFFICER, OPERATOR];
/// Whoever works with records.
const CLERKS: &[Who] = &[VIEWER, OFFICER, OPERATOR, ENTERPRISE];

macro_rules! operations {
    ($($(#[$doc:meta])* $variant:ident = $name:literal : $roles:expr),+ $(,)?) => {
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

            /// Who may; `None` is one who is not logged in.
            pub fn roles(self) -> &'static [Option<Role>] {
                match self { $(Operation::$variant => $roles),+ }
            }
        }
    };
}

operations! {
    /// Logging in and out, asking who one is.
    UseSession = "session.use": EVERYONE,
    /// Changing one's own password.
    ChangeOwnPassword = "session.password": ACCOUNTS,
    /// Making, listing and revoking tokens for one's own programs.
    UseTokens = "tokens.own": ACCOUNTS,
    /// The public overview, the map, the classes, figures of air stations and river sections and their explanations.
    ReadPublic = "public.read": EVERYONE,
    /// The library of standards, and what the evaluators read.
    ReadLaw = "law.read": EVERYONE,
    /// Having rows of one's own judged; nothing of them is kept.
    Assess = "law.assess": EVERYONE,
    /// Stations of every kind, their series and statistics.
    ReadStations = "stations.read": STAFF,
    /// Outlets: values against limits, loads.
    ReadOutlets = "outlets.read": STAFF,
    /// Registers: definitions and records; which of them, `sanggan_records::rights` says record by record (to an
    /// administrator: none).
    ReadRegisters = "registers.read": EVERYONE,
    /// What happened to a record, what is due, and what is asked across registers.
    ReadRecordHistory = "records.history": CLERKS,
    /// Making and changing records; which of them, `sanggan_records::rights` says record by record.
    ChangeRecords = "records.change": &[OFFICER, OPERATOR, ENTERPRISE],
    /// Importing records.
    ImportRecords = "records.import": &[OFFICER, OPERATOR],
    /// Devices and their health.
    ReadDevices = "devices.read": STAFF,
    /// Frames as received.
    ReadFrames = "frames.read": STAFF,
    /// Explanations of figures that are not public.
    ReadExplanations = "explain.read": STAFF,
    /// Live events of stations that are not public.
    FollowLive = "live.follow": STAFF,
    /// State of the platform.
    ReadStatus = "status.read": &[VIEWER, OFFICER, OPERATOR, SYSTEM],
    /// The list of devices not admitted.
    ReadQuarantine = "quarantine.read": STAFF,
    /// Admitting or refusing a device.
    DecideQuarantine = "quarantine.decide": &[OPERATOR],
    /// Changing stations, devices, bindings and limits.
    ChangeMonitors = "monitors.change": &[OPERATOR],
    /// Asking the lake in SQL.
    AskSql = "sql.ask": &[OPERATOR],
    /// Importing recorded data.
    Import = "import.run": &[OPERATOR],
    /// The journal of changes; an auditor sees of a record's entries who did what and when, not the record.
    ReadJournal = "journal.read": &[OPERATOR, AUDIT],
    /// The journal's signed head, the key it is signed with, and its hashes: what an outsider verifies with.
    ReadJournalHead = "journal.head": EVERYONE,
    /// The list of users.
    ReadUsers = "users.read": &[SECURITY],
    /// Making and changing users, seeing and revoking everybody's tokens.
    ChangeUsers = "users.change": &[SECURITY],
}

/// Whether one who is `role` (`None`: not logged in) may do `operation`.
pub fn allowed(role: Option<Role>, operation: Operation) -> bool {
    operation.roles().contains(&role)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn callers() -> Vec<Who> {
        std::iter::once(None).chain(Role::ALL.iter().copied().map(Some)).collect()
    }

    /// Every operation × every role. A new operation changes this table, and a person looks at the change.
    #[test]
    fn every_operation_for_every_role() {
        let mut table = format!("{:18}", "operation");
        for who in callers() {
            table.push_str(&format!(" {:>14}", who.map_or("none", Role::name)));
        }
        table.push('\n');
        for &operation in Operation::ALL {
            table.push_str(&format!("{:18}", operation.name()));
            for who in callers() {
                table.push_str(&format!(" {:>14}", if allowed(who, operation) { "yes" } else { "-" }));
            }
            table.push('\n');
        }
        expect![[r#"
            operation                    none         viewer        officer       operator     enterprise   system_admin security_admin    audit_admin
            session.use                   yes            yes            yes            yes            yes            yes            yes            yes
            session.password                -            yes            yes            yes            yes            yes            yes            yes
            tokens.own                      -            yes            yes            yes            yes            yes            yes            yes
            public.read                   yes            yes            yes            yes            yes            yes            yes            yes
            law.read                      yes            yes            yes            yes            yes            yes            yes            yes
            law.assess                    yes            yes            yes            yes            yes            yes            yes            yes
            stations.read                   -            yes            yes            yes              -              -              -              -
            outlets.read                    -            yes            yes            yes              -              -              -              -
            registers.read                yes            yes            yes            yes            yes            yes            yes            yes
            records.history                 -            yes            yes            yes            yes              -              -              -
            records.change                  -              -            yes            yes            yes              -              -              -
            records.import                  -              -            yes            yes              -              -              -              -
            devices.read                    -            yes            yes            yes              -              -              -              -
            frames.read                     -            yes            yes            yes              -              -              -              -
            explain.read                    -            yes            yes            yes              -              -              -              -
            live.follow                     -            yes            yes            yes              -              -              -              -
            status.read                     -            yes            yes            yes              -            yes              -              -
            quarantine.read                 -            yes            yes            yes              -              -              -              -
            quarantine.decide               -              -              -            yes              -              -              -              -
            monitors.change                 -              -              -            yes              -              -              -              -
            sql.ask                         -              -              -            yes              -              -              -              -
            import.run                      -              -              -            yes              -              -              -              -
            journal.read                    -              -              -            yes              -              -              -            yes
            journal.head                  yes            yes            yes            yes            yes            yes            yes            yes
            users.read                      -              -              -              -              -              -            yes              -
            users.change                    -              -              -              -              -              -            yes              -
        "#]].assert_eq(&table);
    }

    #[test]
    fn administrators_share_nothing_but_what_every_account_may() {
        let offices = [Role::SystemAdmin, Role::SecurityAdmin, Role::AuditAdmin];
        for &operation in Operation::ALL {
            let who: Vec<Role> = offices.into_iter().filter(|&role| allowed(Some(role), operation)).collect();
            let of_all = Role::ALL.iter().all(|&role| allowed(Some(role), operation));
            assert!(of_all || who.len() <= 1, "{}: {who:?}", operation.name());
        }
        for role in offices {
            let own = Operation::ALL.iter().filter(|&&operation| {
                allowed(Some(role), operation) && !Role::ALL.iter().all(|&any| allowed(Some(any), operation))
            });
            assert!(own.count() > 0, "{} has an office", role.name());
        }
    }

    #[test]
    fn whoever_is_not_logged_in_may_nothing_an_account_may_not_and_names_come_back() {
        for &operation in Operation::ALL {
            let open = allowed(None, operation);
            assert!(
                !open || Role::ALL.iter().all(|&role| allowed(Some(role), operation)),
                "{}",
                operation.name()
            );
        }
        for &role in Role::ALL {
            assert_eq!(Role::from_name(role.name()), Some(role));
        }
    }
}
