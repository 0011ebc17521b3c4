//! The six pollutants of the air quality index and the averaging times of limits.

use sanggan_base::{ParameterCode, Unit};

macro_rules! pollutants {
    ($($(#[$doc:meta])* $variant:ident { $code:literal, $symbol:literal, $zh:literal }),+ $(,)?) => {
        /// One of the six basic pollutants (基本项目).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Pollutant { $($(#[$doc])* $variant),+ }

        impl Pollutant {
            /// All six, in the order in which the standards list them.
            pub const ALL: [Pollutant; 6] = [$(Pollutant::$variant),+];

            /// The HJ 525 code as text.
            pub fn code_str(self) -> &'static str {
                match self { $(Pollutant::$variant => $code),+ }
            }

            /// The chemical symbol (`PM2.5`).
            pub fn symbol(self) -> &'static str {
                match self { $(Pollutant::$variant => $symbol),+ }
            }

            /// The Chinese name.
            pub fn name_zh(self) -> &'static str {
                match self { $(Pollutant::$variant => $zh),+ }
            }

            /// The pollutant with this HJ 525 code.
            pub fn from_code_str(code: &str) -> Option<Pollutant> {
                match code { $($code => Some(Pollutant::$variant),)+ _ => None }
            }
        }
    };
}

pollutants! {
    /// Sulphur dioxide.
    So2 { "a21026", "SO2", "二氧化硫" },
    /// Nitrogen dioxide.
    No2 { "a21004", "NO2", "二氧化氮" },
    /// Carbon monoxide.
    Co { "a21005", "CO", "一氧化碳" },
    /// Ozone.
    O3 { "a05024", "O3", "臭氧" },
    /// Particles up to 10 µm.
    Pm10 { "a34002", "PM10", "可吸入颗粒物" },
    /// Particles up to 2.5 µm.
    Pm25 { "a34004", "PM2.5", "细颗粒物" },
}

impl Pollutant {
    /// The HJ 525 code.
    pub fn code(self) -> ParameterCode {
        ParameterCode::parse(self.code_str()).expect("the codes above are well formed")
    }

    /// The pollutant a parameter code names, if it is one of the six.
    pub fn from_code(code: &ParameterCode) -> Option<Pollutant> {
        Pollutant::from_code_str(code.as_str())
    }

    /// The unit of its ambient concentrations on this platform.
    pub fn unit(self) -> Unit {
        match self {
            Pollutant::Co => Unit::MgPerM3,
            _ => Unit::UgPerM3,
        }
    }

    pub(crate) fn index(self) -> usize {
        self as usize
    }
}

/// A set of pollutants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct PollutantSet(u8);

impl PollutantSet {
    /// The set with `pollutant` added.
    #[must_use]
    pub fn with(self, pollutant: Pollutant) -> PollutantSet {
        PollutantSet(self.0 | (1 << pollutant.index()))
    }

    /// Whether `pollutant` is in the set.
    pub fn contains(self, pollutant: Pollutant) -> bool {
        self.0 & (1 << pollutant.index()) != 0
    }

    /// Whether nothing is in it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The members, in the standards' order.
    pub fn iter(self) -> impl Iterator<Item = Pollutant> {
        Pollutant::ALL.into_iter().filter(move |&p| self.contains(p))
    }
}

impl FromIterator<Pollutant> for PollutantSet {
    fn from_iter<I: IntoIterator<Item = Pollutant>>(items: I) -> PollutantSet {
        items.into_iter().fold(PollutantSet::default(), PollutantSet::with)
    }
}

macro_rules! averagings {
    ($($(#[$doc:meta])* $variant:ident { $name:literal, $zh:literal }),+ $(,)?) => {
        /// The averaging time (平均时间) of a concentration or a limit.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Averaging { $($(#[$doc])* $variant),+ }

        impl Averaging {
            /// Every averaging time.
            pub const ALL: &'static [Averaging] = &[$(Averaging::$variant),+];

            /// The name in data files and the API.
            pub fn name(self) -> &'static str {
                match self { $(Averaging::$variant => $name),+ }
            }

            /// The Chinese term.
            pub fn name_zh(self) -> &'static str {
                match self { $(Averaging::$variant => $zh),+ }
            }

            /// The averaging time with this name.
            pub fn from_name(name: &str) -> Option<Averaging> {
                match name { $($name => Some(Averaging::$variant),)+ _ => None }
            }
        }
    };
}

averagings! {
    /// One hour.
    Hour { "hour", "1小时平均" },
    /// The eight hours that end with the hour.
    Mean8h { "mean_8h", "8小时滑动平均" },
    /// The 24 hours that end with the hour.
    Mean24h { "mean_24h", "24小时滑动平均" },
    /// One local calendar day (24小时平均).
    Day { "day", "日平均" },
    /// The day's largest 8-hour mean.
    Mda8 { "mda8", "日最大8小时平均" },
    /// The day's largest hourly mean.
    MaxHour { "max_hour", "日最大1小时平均" },
    /// One calendar month.
    Month { "month", "月平均" },
    /// One calendar quarter.
    Season { "season", "季平均" },
    /// One calendar year.
    Year { "year", "年平均" },
}

impl Averaging {
    pub(crate) fn index(self) -> usize {
        self as usize
    }
}
