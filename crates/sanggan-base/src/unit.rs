//! Units and the conversions between those that mean the same quantity.

/// Says why a value cannot be converted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// No such unit.
    #[error("unknown unit: `{0}`")]
    Unknown(String),
    /// Two units of different quantities.
    #[error("cannot convert `{from}` to `{to}`: they measure different quantities")]
    Mismatch {
        /// The unit the value has.
        from: &'static str,
        /// The unit that was wanted.
        to: &'static str,
    },
}

macro_rules! units {
    ($($(#[$doc:meta])* $variant:ident { $symbol:literal, $quantity:literal, $factor:expr, [$($alias:literal),*] }),+ $(,)?) => {
        /// A unit of measurement that a parameter, a limit or an import may have.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum Unit { $($(#[$doc])* $variant),+ }

        impl Unit {
            /// Every unit.
            pub const ALL: &'static [Unit] = &[$(Unit::$variant),+];

            /// How it is written (`µg/m³`).
            pub fn symbol(self) -> &'static str {
                match self { $(Unit::$variant => $symbol),+ }
            }

            /// The quantity it measures and its size in that quantity's base unit.
            fn scale(self) -> (&'static str, f64) {
                match self { $(Unit::$variant => ($quantity, $factor)),+ }
            }

            /// Reads a unit as written in files and by devices (`ug/m3`, `µg/m³`, `mg/L`, …).
            ///
            /// # Errors
            /// [`UnitError::Unknown`].
            pub fn parse(text: &str) -> Result<Unit, UnitError> {
                match text.trim() {
                    $($symbol $(| $alias)* => Ok(Unit::$variant),)+
                    other => Err(UnitError::Unknown(other.to_owned())),
                }
            }
        }
    };
}

units! {
    /// No unit: an index, a pH, a grade.
    None { "1", "number", 1.0, ["", "-", "无量纲"] },
    /// Percent.
    Percent { "%", "share", 1.0, ["percent"] },
    /// Milligram a cubic metre.
    MgPerM3 { "mg/m³", "mass by volume of gas", 1e-3, ["mg/m3", "mg/Nm3"] },
    /// Microgram a cubic metre.
    UgPerM3 { "µg/m³", "mass by volume of gas", 1e-6, ["ug/m3", "μg/m3", "μg/m³", "µg/m3"] },
    /// Nanogram a cubic metre.
    NgPerM3 { "ng/m³", "mass by volume of gas", 1e-9, ["ng/m3"] },
    /// Milligram a litre.
    MgPerL { "mg/L", "mass by volume of water", 1.0, ["mg/l"] },
    /// Microgram a litre.
    UgPerL { "µg/L", "mass by volume of water", 1e-3, ["ug/L", "ug/l", "μg/L"] },
    /// Nanogram a litre.
    NgPerL { "ng/L", "mass by volume of water", 1e-6, ["ng/l"] },
    /// Cubic metre a second.
    M3PerS { "m³/s", "flow", 1.0, ["m3/s"] },
    /// Cubic metre an hour.
    M3PerH { "m³/h", "flow", 1.0 / 3600.0, ["m3/h"] },
    /// Litre a second.
    LPerS { "L/s", "flow", 1e-3, ["l/s"] },
    /// Cubic metre.
    M3 { "m³", "volume", 1.0, ["m3"] },
    /// Kilogram.
    Kg { "kg", "mass", 1.0, [] },
    /// Tonne.
    Tonne { "t", "mass", 1000.0, [] },
    /// Gram.
    Gram { "g", "mass", 1e-3, [] },
    /// Milligram.
    Milligram { "mg", "mass", 1e-6, [] },
    /// Degree Celsius.
    Celsius { "℃", "temperature", 1.0, ["C", "°C"] },
    /// Pascal.
    Pa { "Pa", "pressure", 1.0, [] },
    /// Hectopascal.
    HPa { "hPa", "pressure", 100.0, [] },
    /// Kilopascal.
    KPa { "kPa", "pressure", 1000.0, [] },
    /// Metre a second.
    MPerS { "m/s", "speed", 1.0, [] },
    /// Degree of angle.
    Degree { "°", "angle", 1.0, ["deg", "[角]度"] },
    /// Square metre.
    M2 { "m²", "area", 1.0, ["m2", "平方米"] },
    /// Millimetre (rain).
    Mm { "mm", "length", 1e-3, [] },
    /// Decibel, A-weighted.
    DbA { "dB(A)", "sound level", 1.0, ["dB", "分贝"] },
    /// Microsiemens a centimetre.
    UsPerCm { "µS/cm", "conductivity", 1.0, ["uS/cm", "μS/cm", "微西[门子]/厘米"] },
    /// Nephelometric turbidity unit.
    Ntu { "NTU", "turbidity", 1.0, ["度"] },
    /// Count a litre.
    PerL { "1/L", "count by volume", 1.0, ["个/L"] },
    /// Colour degree (dilution or platinum-cobalt).
    ColourDegree { "倍", "colour", 1.0, ["[色]度"] },
    /// Tonne a square kilometre and month (dust fall).
    TPerKm2Month { "t/(km²·月)", "deposition", 1.0, ["吨/平方千米•月", "t/(km2·月)"] },
    /// Tonne a square kilometre, the same number as gram a square metre.
    TPerKm2 { "t/km²", "mass by area", 1.0, ["t/km2", "g/m2", "g/m²"] },
    /// Becquerel a litre.
    BqPerL { "Bq/L", "activity by volume", 1.0, ["贝可[勒尔]/升"] },
    /// Becquerel.
    Bq { "Bq", "activity", 1.0, ["贝可"] },
    /// Kilobecquerel.
    KBq { "kBq", "activity", 1e3, [] },
    /// Megabecquerel.
    MBq { "MBq", "activity", 1e6, [] },
    /// Gigabecquerel.
    GBq { "GBq", "activity", 1e9, [] },
    /// Terabecquerel.
    TBq { "TBq", "activity", 1e12, [] },
    /// Milligram a kilogram (of dry soil or sludge).
    MgPerKg { "mg/kg", "mass by mass", 1.0, [] },
    /// Microgram a kilogram.
    UgPerKg { "µg/kg", "mass by mass", 1e-3, ["ug/kg", "μg/kg"] },
    /// Most probable number (of bacteria) in 100 mL.
    Per100Ml { "MPN/100mL", "count by volume", 10.0, ["个/100mL", "CFU/100mL"] },
    /// Colony-forming units a millilitre.
    PerMl { "CFU/mL", "count by volume", 1000.0, ["个/mL"] },
    /// Platinum-cobalt colour unit.
    PtCo { "Pt-Co", "platinum-cobalt colour", 1.0, ["铂钴色度单位", "PCU"] },
    /// Millivolt.
    MilliVolt { "mV", "voltage", 1.0, [] },
    /// Volt a metre.
    VPerM { "V/m", "electric field", 1.0, [] },
    /// Kilovolt a metre.
    KvPerM { "kV/m", "electric field", 1000.0, [] },
    /// Ampere a metre.
    APerM { "A/m", "magnetic field", 1.0, [] },
    /// Microtesla.
    MicroTesla { "µT", "magnetic flux density", 1.0, ["uT", "μT"] },
    /// Watt a square metre.
    WPerM2 { "W/m²", "power density", 1.0, ["W/m2"] },
    /// Microwatt a square centimetre.
    UwPerCm2 { "µW/cm²", "power density", 0.01, ["uW/cm2", "μW/cm2", "μW/cm²", "µW/cm2"] },
    /// Megahertz.
    MHz { "MHz", "frequency", 1e6, [] },
    /// Kilohertz.
    KHz { "kHz", "frequency", 1e3, ["KHz"] },
    /// Gigahertz.
    GHz { "GHz", "frequency", 1e9, [] },
    /// Hertz.
    Hz { "Hz", "frequency", 1.0, [] },
    /// Centimetre.
    Cm { "cm", "length", 0.01, [] },
    /// Metre.
    M { "m", "length", 1.0, ["米"] },
    /// Kilometre.
    Km { "km", "length", 1000.0, ["千米", "公里"] },
    /// Square kilometre.
    Km2 { "km²", "area", 1e6, ["km2"] },
    /// Yuan.
    Yuan { "元", "money", 1.0, ["yuan", "CNY"] },
    /// Ten thousand yuan.
    WanYuan { "万元", "money", 1e4, [] },
    /// Yuan a tonne.
    YuanPerTonne { "元/t", "money by mass", 1.0, ["元/吨"] },
    /// Kilowatt hour.
    KWh { "kWh", "energy", 3.6e6, [] },
    /// Megawatt hour.
    MWh { "MWh", "energy", 3.6e9, [] },
    /// Gigajoule.
    GJ { "GJ", "energy", 1e9, [] },
    /// Gigajoule a tonne of fuel.
    GjPerTonne { "GJ/t", "energy by mass", 1.0, [] },
    /// Gigajoule in ten thousand standard cubic metres of gas.
    GjPerWanM3 { "GJ/10⁴Nm³", "energy by volume of gas", 1.0, ["GJ/1e4Nm3", "GJ/万Nm3"] },
    /// Ten thousand standard cubic metres of gas.
    WanM3 { "10⁴Nm³", "volume", 1e4, ["1e4Nm3", "万Nm3", "万m3"] },
    /// Tonne of carbon a gigajoule.
    TcPerGj { "tC/GJ", "carbon by energy", 1.0, [] },
    /// Tonne of carbon dioxide.
    Tco2 { "tCO2", "mass of carbon dioxide", 1.0, ["tCO₂"] },
    /// Tonne of carbon dioxide equivalent.
    Tco2e { "tCO2e", "greenhouse effect", 1.0, ["tCO₂e"] },
    /// Tonne of carbon dioxide a megawatt hour (the same number as kilogram a kilowatt hour).
    Tco2PerMwh { "tCO2/MWh", "carbon dioxide by energy", 1.0, ["kgCO2/kWh"] },
    /// Tonne of carbon dioxide a gigajoule.
    Tco2PerGj { "tCO2/GJ", "carbon dioxide by heat", 1.0, [] },
    /// Tonne a tonne.
    TPerT { "t/t", "ratio of masses", 1.0, ["tCO2/t", "tC/t"] },
    /// Cubic metre a tonne.
    M3PerTonne { "m³/t", "volume by mass", 1.0, ["m3/t"] },
    /// Tonne in ten thousand standard cubic metres.
    TPerWanM3 { "t/10⁴Nm³", "density", 1.0, ["t/1e4Nm3"] },
    /// Tonne an hour.
    TPerH { "t/h", "mass flow", 1.0, ["吨/小时"] },
    /// Cubic metre a day.
    M3PerD { "m³/d", "flow", 1.0 / 86400.0, ["m3/d"] },
    /// Megawatt.
    MW { "MW", "power", 1e6, [] },
    /// Kilowatt.
    KW { "kW", "power", 1e3, [] },
    /// Hour.
    Hour { "h", "time", 3600.0, ["小时"] },
    /// Minute.
    Minute { "min", "time", 60.0, [] },
    /// Second.
    Second { "s", "time", 1.0, [] },
    /// Day.
    Day { "d", "time", 86400.0, ["天", "日"] },
    /// A part in a million by volume.
    Ppm { "µmol/mol", "share by volume", 1.0, ["ppm", "umol/mol", "μmol/mol"] },
    /// A plain count: animals, times.
    Count { "个", "count", 1.0, ["头", "只", "羽", "次"] },
}

impl Unit {
    /// The value of `value` (in `self`) expressed in `to`.
    ///
    /// # Errors
    /// [`UnitError::Mismatch`] when the two measure different quantities; no molar mass is guessed.
    pub fn convert(self, value: f64, to: Unit) -> Result<f64, UnitError> {
        let ((quantity, factor), (quantity_to, factor_to)) = (self.scale(), to.scale());
        if quantity != quantity_to {
            return Err(UnitError::Mismatch { from: self.symbol(), to: to.symbol() });
        }
        Ok(if self == to { value } else { value * (factor / factor_to) })
    }
}

impl TryFrom<String> for Unit {
    type Error = UnitError;
    fn try_from(text: String) -> Result<Self, UnitError> {
        Unit::parse(&text)
    }
}

impl From<Unit> for String {
    fn from(unit: Unit) -> String {
        unit.symbol().to_owned()
    }
}

impl std::fmt::Display for Unit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.symbol())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_quantity_converts_and_another_does_not() {
        assert_eq!(Unit::UgPerM3.convert(1500.0, Unit::MgPerM3).ok(), Some(1.5));
        assert!(Unit::MgPerL.convert(1.0, Unit::MgPerM3).is_err());
        for &unit in Unit::ALL {
            assert_eq!(Unit::parse(unit.symbol()), Ok(unit));
        }
    }
}
