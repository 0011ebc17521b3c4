//! One edition asked for, applied to each of the standards that a judgement of air rests on.

use jiff::civil::Date;
use sanggan_standards::{Basis, Edition, Law};

use crate::problem::{Answer, Problem};

/// The standards that judge air; the index first, since people name its editions.
const STANDARDS: [&str; 4] = ["HJ 633", "GB 3095", "HJ 663", "ranking"];

/// An edition of one of the standards of air, by which all of them are to judge.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AirEdition {
    edition: &'static Edition,
}

impl AirEdition {
    /// The edition with this name, id or family.
    ///
    /// # Errors
    /// A problem that names `field` when none of the standards has it.
    pub(crate) fn called(
        law: &'static Law,
        field: &'static str,
        name: &str,
        today: Date,
    ) -> Answer<AirEdition> {
        let found =
            STANDARDS.iter().find_map(|standard| law.edition(standard, Basis::Edition(name, today)).ok());
        found.map(|edition| AirEdition { edition }).ok_or_else(|| {
            let known = STANDARDS.iter().flat_map(|standard| crate::library::editions_of(law, standard));
            let mut known: Vec<&str> = known.map(|edition| edition.name.as_str()).collect();
            known.sort_unstable();
            known.dedup();
            Problem::bad_field(field, format!("no standard of air has an edition `{name}`"))
                .hint(format!("known: {}", known.join(", ")))
        })
    }

    /// Every edition of the index that is found by its date.
    pub(crate) fn all(law: &'static Law) -> Vec<AirEdition> {
        let editions = crate::library::editions_of(law, STANDARDS[0]);
        editions.into_iter().filter(|edition| edition.by_date).map(|edition| AirEdition { edition }).collect()
    }

    /// The edition.
    pub(crate) fn edition(self) -> &'static Edition {
        self.edition
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        &self.edition.name
    }

    /// What it means for a standard that has no edition of that name: the one of the same publication, as of the days
    /// of the edition asked for. So the final limits of GB 3095-2026 bring the ranking rule with the final limits.
    pub(crate) fn basis(self, law: &Law, standard: &'static str, day: Date) -> Basis<'static> {
        let named = Basis::Edition(&self.edition.name, day);
        if law.edition(standard, named).is_ok() {
            return named;
        }
        let day = day.max(self.edition.from);
        Basis::Edition(&self.edition.family, self.edition.to.map_or(day, |last| day.min(last)))
    }
}

/// The basis for a day: the edition asked for, else the one in force.
pub(crate) fn basis(
    law: &Law,
    edition: Option<AirEdition>,
    standard: &'static str,
    day: Date,
) -> Basis<'static> {
    edition.map_or(Basis::OfDay(day), |edition| edition.basis(law, standard, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_is_applied_to_every_standard() {
        let law = Law::embedded();
        let day = jiff::civil::date(2020, 5, 8);
        let judged = |name: &str| -> Vec<String> {
            let edition = AirEdition::called(law, "edition", name, day).expect(name);
            STANDARDS
                .iter()
                .map(|standard| {
                    law.edition(standard, edition.basis(law, standard, day)).expect(name).name.clone()
                })
                .collect()
        };
        assert_eq!(judged("2012"), ["2012", "2012-amended-2018", "2013", "2018"]);
        assert_eq!(judged("2026"), ["2026", "2026-transition", "2026", "2026"]);
        assert_eq!(judged("2026-final"), ["2026", "2026-final", "2026", "2031"]);
        assert_eq!(judged("2026-transition"), ["2026", "2026-transition", "2026", "2026"]);
        assert!(AirEdition::called(law, "edition", "1999", day).is_err());
    }
}
