//! `water_class`: samples to their class by the single-factor rule, in bulk.
//!
//! Answers what the assessment `water` answers, without the multiples; a test compares the two.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Float64Array, StructArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields};
use datafusion::common::{Result, exec_err, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use jiff::civil::Date;
use sanggan_base::Unit;
use sanggan_standards::water::{Unclassed, WaterBody, WaterClassifier};
use sanggan_standards::{Assessment, Basis, Binding, Law, Row, Text, assessment};

use super::air::status_name;
use super::args::{self, Days};
use super::texts::{Code, Texts};

const NAME: &str = "water_class";
const STANDARD: &str = "GB 3838";
const USAGE: &str = "water_class takes (day, body, named_struct('item', value, …)), and may be an edition";

/// The function.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct WaterClass {
    signature: Signature,
}

impl WaterClass {
    pub(crate) fn new() -> WaterClass {
        WaterClass { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

fn fields() -> Fields {
    let names = [
        "class",
        "class_name",
        "class_name_en",
        "worst",
        "worst_en",
        "edition",
        "status",
        "clause",
        "clause_en",
        "rounding",
        "rounding_en",
        "cannot_tell",
        "cannot_tell_en",
    ];
    names.iter().map(|name| Field::new(*name, DataType::Utf8View, true)).collect()
}

impl ScalarUDFImpl for WaterClass {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let [day, body, values @ DataType::Struct(_), edition @ ..] = given else {
            return plan_err!("{USAGE}");
        };
        let mut wanted = vec![args::day_argument(day)?, args::text_argument("body", body)?, values.clone()];
        match edition {
            [] => {}
            [edition] => wanted.push(args::edition_argument(edition)?),
            _ => return plan_err!("{USAGE}"),
        }
        Ok(wanted)
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Struct(fields()))
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        if let Some(values) = args.arg_fields.get(2) {
            Items::of(values.data_type())?;
        }
        if let Some(edition) = args.scalar_arguments.get(3) {
            args::edition(STANDARD, *edition, NAME)?;
        }
        Ok(Arc::new(Field::new(NAME, self.return_type(&[])?, true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let edition = args::asked(STANDARD, args.args.get(3), NAME)?;
        let days = Days::new(&args.args[0].to_array(args.number_rows)?)?;
        let body = Bodies::new(&args.args[1], args.number_rows)?;
        let values = args.args[2].to_array(args.number_rows)?;
        classify(&days, &body, &values, edition.as_deref()).map(ColumnarValue::Array)
    }
}

fn water() -> Result<&'static Assessment> {
    match assessment("water") {
        Some(found) => Ok(found),
        None => exec_err!("{NAME}: this program has no assessment of water"),
    }
}

/// Which field holds which item, and in which unit.
struct Items {
    keys: Vec<String>,
    units: Vec<Option<(Unit, Unit)>>,
}

impl Items {
    /// Fields are called as the columns of the assessment `water`.
    fn of(values: &DataType) -> Result<Items> {
        let DataType::Struct(fields) = values else { return plan_err!("{USAGE}") };
        let names: Vec<&str> = fields.iter().map(|field| field.name().as_str()).collect();
        let binding = Binding::new(Law::embedded(), water()?, &names);
        let counted = &*COUNTED;
        let known = || counted.join(", ");
        if let [unknown, ..] = binding.unknown() {
            return plan_err!("{NAME}: no item is called `{unknown}`; there are: {}", known());
        }
        let mut items = Items { keys: vec![String::new(); names.len()], units: vec![None; names.len()] };
        for bound in binding.columns() {
            let key = &bound.column.key;
            if !counted.contains(key) {
                return plan_err!(
                    "{NAME}: `{}` does not count in the class; assess('water', …) takes it. Items: {}",
                    bound.heading,
                    known()
                );
            }
            match &bound.unit {
                Ok(from) => items.units[bound.at] = from.zip(bound.column.unit()),
                Err(why) => return plan_err!("{NAME}: {}", why.en),
            }
            items.keys[bound.at].clone_from(key);
        }
        for field in fields {
            args::number_argument(field.name(), field.data_type())?;
        }
        Ok(items)
    }
}

/// The items that count in the class, under any edition.
static COUNTED: LazyLock<Vec<String>> = LazyLock::new(|| {
    let law = Law::embedded();
    let editions = law.editions().iter().filter(|edition| edition.standard == STANDARD);
    let mut keys: Vec<String> = Vec::new();
    for edition in editions {
        if let Ok(rule) = law.water_classifier(None, Basis::Edition(&edition.name, edition.from)) {
            let new = rule.item_keys().iter().filter(|key| !keys.contains(key)).cloned();
            keys.extend(new.collect::<Vec<_>>());
        }
    }
    keys
});

/// The kind of water of each row.
enum Bodies {
    /// The same for all.
    One(std::result::Result<Option<WaterBody>, Text>),
    Each(ArrayRef),
}

impl Bodies {
    fn new(given: &ColumnarValue, rows: usize) -> Result<Bodies> {
        match given {
            ColumnarValue::Scalar(name) => Ok(Bodies::One(body(name.try_as_str().flatten()))),
            ColumnarValue::Array(_) => Ok(Bodies::Each(cast(&given.to_array(rows)?, &DataType::Utf8)?)),
        }
    }

    fn of(
        &self,
        row: usize,
        last: &mut Option<(String, WaterBody)>,
    ) -> std::result::Result<Option<WaterBody>, Text> {
        match self {
            Bodies::One(body) => body.clone(),
            Bodies::Each(names) if names.is_null(row) => Ok(None),
            Bodies::Each(names) => {
                let name = names.as_string::<i32>().value(row);
                if let Some((same, known)) = last
                    && same == name
                {
                    return Ok(Some(*known));
                }
                let found = body(Some(name))?;
                *last = found.map(|found| (name.to_owned(), found));
                Ok(found)
            }
        }
    }
}

fn body(name: Option<&str>) -> std::result::Result<Option<WaterBody>, Text> {
    let Some(name) = name.map(str::trim).filter(|name| !name.is_empty()) else { return Ok(None) };
    let found = Law::embedded().water_body(name);
    found.map(Some).ok_or_else(|| {
        Text::new(
            format!("水体类型“{name}”既非河流也非湖库"),
            format!("body: `{name}` is neither river nor lake"),
        )
    })
}

/// What judges on a day.
struct Rule {
    classifier: WaterClassifier,
    class_names: Vec<Text>,
    item_names: Vec<Text>,
    edition: String,
    status: Option<&'static str>,
    clause: Option<Text>,
    rounding: Option<Text>,
}

type Key = (Option<WaterBody>, usize, Option<String>);

/// Compiled rules by kind of water, stretch of time and edition asked for. As many as the law has editions.
static RULES: LazyLock<Mutex<HashMap<Key, Arc<Rule>>>> = LazyLock::new(Mutex::default);

/// The days on which something of the law begins or ends: between two of them it is the same.
static TURNS: LazyLock<Vec<Date>> = LazyLock::new(|| {
    let editions = Law::embedded().editions().iter();
    let mut days: Vec<Date> = editions
        .flat_map(|one| [Some(one.from), one.to.and_then(|to| to.tomorrow().ok())])
        .flatten()
        .collect();
    days.sort_unstable();
    days.dedup();
    days
});

impl Rule {
    fn of(body: Option<WaterBody>, day: Date, edition: Option<&str>) -> std::result::Result<Arc<Rule>, Text> {
        let stretch = TURNS.partition_point(|turn| *turn <= day);
        let key = (body, stretch, edition.map(str::to_owned));
        let mut known = RULES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rule) = known.get(&key) {
            return Ok(Arc::clone(rule));
        }
        let rule = Arc::new(Rule::compile(body, Basis::new(day, edition))?);
        known.insert(key, Arc::clone(&rule));
        Ok(rule)
    }

    fn compile(body: Option<WaterBody>, basis: Basis<'_>) -> std::result::Result<Rule, Text> {
        let law = Law::embedded();
        let classifier = law.water_classifier(body, basis).map_err(|why| why.text())?;
        let water = assessment("water").ok_or_else(|| Text::same("water"))?;
        let columns = (water.columns)(law);
        let named = |key: &String| {
            let column = columns.iter().find(|column| column.key == *key);
            column.map_or_else(|| Text::same(key.clone()), |column| column.name.clone())
        };
        // the assessment's own example says what vouches for the rule
        let example = water.example.first().copied().unwrap_or_default();
        let cells: Vec<(&str, &str)> = example.iter().filter(|(key, _)| *key != "day").copied().collect();
        let told = water.answer(law, &[Row::of(law, water, &cells)], basis);
        let tables = law.tables(STANDARD, basis).map_err(|why| why.text())?;
        let grades = tables.grades("classes").map(|(_, grades)| grades).unwrap_or_default();
        let class_names = (0_u8..).map_while(|class| classifier.class_id(class)).map(|id| {
            let grade = grades.iter().find(|grade| grade.id == id);
            grade.map_or_else(|| Text::same(id), |grade| grade.name.clone())
        });
        Ok(Rule {
            class_names: class_names.collect(),
            item_names: classifier.item_keys().iter().map(named).collect(),
            edition: classifier.edition().as_str().to_owned(),
            status: told.status.map(status_name),
            clause: told.clause,
            rounding: told.rounding,
            classifier,
        })
    }

    fn items(&self, bits: u32) -> Text {
        let names = self.item_names.iter().enumerate().filter(|(at, _)| bits & (1 << at) != 0);
        Text::joined(&names.map(|(_, name)| name).collect::<Vec<_>>(), "、", ", ")
    }
}

/// Answers, row after row.
#[derive(Default)]
struct Answers {
    class: Texts,
    class_name: Texts,
    worst: Texts,
    edition: Texts,
    status: Texts,
    clause: Texts,
    rounding: Texts,
    cannot_tell: Texts,
}

/// The codes of what a rule says on every row.
struct OfRule {
    edition: Code,
    status: Code,
    clause: Code,
    rounding: Code,
    classes: Vec<(u32, u32)>,
    worst: HashMap<u32, u32>,
    /// Which field each item of the rule is in.
    places: Vec<Option<usize>>,
}

impl Answers {
    fn of_rule(&mut self, rule: &Rule, fields: &Items) -> OfRule {
        let classes = rule.class_names.iter().zip(0_u8..).map(|(name, class)| {
            let id = rule.classifier.class_id(class).unwrap_or_default();
            (self.class.code(Text::same(id)), self.class_name.code(name.clone()))
        });
        let classes = classes.collect();
        OfRule {
            edition: Some(self.edition.code(Text::same(rule.edition.clone()))),
            status: rule.status.map(|status| self.status.code(Text::same(status))),
            clause: rule.clause.clone().map(|clause| self.clause.code(clause)),
            rounding: rule.rounding.clone().map(|rounding| self.rounding.code(rounding)),
            classes,
            worst: HashMap::new(),
            places: rule
                .classifier
                .item_keys()
                .iter()
                .map(|key| fields.keys.iter().position(|field| field == key))
                .collect(),
        }
    }

    fn push(&mut self, rule: Option<&OfRule>, class: Option<(u32, u32)>, worst: Code, why: Option<Text>) {
        self.class.push_code(class.map(|(id, _)| id));
        self.class_name.push_code(class.map(|(_, name)| name));
        self.worst.push_code(worst);
        self.edition.push_code(rule.and_then(|rule| rule.edition));
        self.status.push_code(rule.and_then(|rule| rule.status));
        self.clause.push_code(rule.and_then(|rule| rule.clause));
        self.rounding.push_code(rule.and_then(|rule| rule.rounding));
        self.cannot_tell.push(why);
    }

    fn finish(self) -> Result<ArrayRef> {
        let columns = vec![
            self.class.zh()?,
            self.class_name.zh()?,
            self.class_name.en()?,
            self.worst.zh()?,
            self.worst.en()?,
            self.edition.zh()?,
            self.status.zh()?,
            self.clause.zh()?,
            self.clause.en()?,
            self.rounding.zh()?,
            self.rounding.en()?,
            self.cannot_tell.zh()?,
            self.cannot_tell.en()?,
        ];
        Ok(Arc::new(StructArray::try_new(fields(), columns, None)?))
    }
}

fn classify(days: &Days, bodies: &Bodies, values: &ArrayRef, edition: Option<&str>) -> Result<ArrayRef> {
    let items = Items::of(values.data_type())?;
    let Some(values) = values.as_struct_opt() else { return exec_err!("{USAGE}") };
    let columns = values
        .columns()
        .iter()
        .zip(&items.units)
        .map(|(column, units)| {
            let wanted = args::number_argument("value", column.data_type())?;
            let numbers = args::numbers(&cast(column, &wanted)?)?;
            Ok(match units {
                // a value that cannot be converted is no concentration
                Some((from, to)) if from != to => {
                    let converted = |value: f64| from.convert(value, *to).unwrap_or(f64::NAN);
                    numbers.iter().map(|value| value.map(converted)).collect()
                }
                _ => numbers,
            })
        })
        .collect::<Result<Vec<Float64Array>>>()?;
    let mut answers = Answers::default();
    let mut rules: HashMap<(Option<WaterBody>, usize), (Arc<Rule>, OfRule)> = HashMap::new();
    let (mut sample, mut last_body) = (Vec::new(), None);
    for row in 0..values.len() {
        let asked = days.of(row).and_then(|day| Ok((day, bodies.of(row, &mut last_body)?)));
        let (day, body) = match asked {
            Ok(asked) => asked,
            Err(why) => {
                answers.push(None, None, None, Some(why));
                continue;
            }
        };
        let stretch = TURNS.partition_point(|turn| *turn <= day);
        if !rules.contains_key(&(body, stretch)) {
            match Rule::of(body, day, edition) {
                Ok(rule) => {
                    let of_rule = answers.of_rule(&rule, &items);
                    rules.insert((body, stretch), (rule, of_rule));
                }
                Err(why) => {
                    answers.push(None, None, None, Some(why));
                    continue;
                }
            }
        }
        let Some((rule, of_rule)) = rules.get_mut(&(body, stretch)) else { continue };
        let of_item = |place: &Option<usize>| {
            let column = &columns[(*place)?];
            (column.is_valid(row) && values.is_valid(row)).then(|| column.value(row))
        };
        sample.clear();
        sample.extend(of_rule.places.iter().map(of_item));
        match rule.classifier.classify(&sample) {
            Ok(found) => {
                // of the best class nothing is the reason
                let worst = (0 < found.class).then(|| {
                    let texts = &mut answers.worst;
                    *of_rule.worst.entry(found.worst).or_insert_with(|| texts.code(rule.items(found.worst)))
                });
                let class = of_rule.classes.get(usize::from(found.class)).copied();
                answers.push(Some(of_rule), class, worst, None);
            }
            Err(why) => answers.push(Some(of_rule), None, None, Some(reason(rule, why, &sample))),
        }
    }
    answers.finish()
}

/// The reason, naming items and classes.
fn reason(rule: &Rule, why: Unclassed, sample: &[Option<f64>]) -> Text {
    let name = |class: u8| {
        let name = rule.class_names.get(usize::from(class));
        name.cloned().unwrap_or_else(|| Text::same(class.to_string()))
    };
    let general = why.text();
    match why {
        Unclassed::NotAConcentration { item } => {
            let value = sample.get(usize::from(item)).copied().flatten().unwrap_or(f64::NAN);
            let item = rule.items(1_u32.checked_shl(u32::from(item)).unwrap_or(0));
            Text::new(
                format!("{}：“{value}”{}", item.zh, general.zh),
                format!("{}: `{value}` is {}", item.en, general.en),
            )
        }
        Unclassed::Incomplete { missing } => Text::joined(&[&general, &rule.items(missing)], "：", ": "),
        Unclassed::BodyUnknown { river, lake } => {
            let (river, lake) = (name(river), name(lake));
            Text::new(
                format!("{}（河流{}，湖库{}）", general.zh, river.zh, lake.zh),
                format!("{} (river {}, lake {})", general.en, river.en, lake.en),
            )
        }
        Unclassed::NothingMeasured => general,
    }
}
