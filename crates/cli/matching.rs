//! Commands that take profiles: the items that an enterprise qualifies for.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;

use zhaoren_engine::{
    FactDictionary, Home, MatchOptions, OptOut, Overview, PackChoices, Problem, Profile, Receipt,
    ReceivedBenefits, Records, RuleBook, Rules, ServicePack, has_errors,
};

use crate::args::{AgainstArgs, AskArgs, ItemsArgs, MatchArgs, PackArgs, PackFormat};
use crate::exit::{CannotRun, Outcome, print_problems};
use crate::progress::Bars;
use crate::render;

/// `zhaoren match`
pub(crate) fn match_profiles(home: &Home, json: bool, args: &MatchArgs) -> Result<Outcome, CannotRun> {
    let given = MatchInput::read(home, &args.against)?;
    let options =
        MatchOptions { as_of: given.as_of, all: args.all, limit: args.limit, bundle: !args.no_bundle };
    // An enterprise that opted out of messages can still be matched; the caseworker has to see the opt-out.
    let refusals = match &given.records {
        Some(records) => records.opt_outs(&args.against.items.tenant)?,
        None => Vec::new(),
    };
    let (mut wrong, mut receipts) = (given.has_errors, Vec::new());
    let mut out = std::io::BufWriter::new(crate::terminal::stdout());
    for profile in &given.profiles {
        given.print_disagreements(profile);
        let (report, undecided) = given.rules.match_profile(profile, options);
        for one in &undecided {
            tell!("{one}");
        }
        wrong |= !undecided.is_empty();
        if args.receipts.is_some() {
            receipts.push(Receipt::new(&given.rules, profile, options, &report, zhaoren_engine::now()));
        }
        let refused: Vec<&OptOut> = refusals.iter().filter(|one| one.enterprise == profile.id).collect();
        let overview =
            args.overview.then(|| given.overview(profile, &args.against.items.tenant)).transpose()?;
        if !json {
            refused.iter().try_for_each(|one| render::opt_out(&mut out, one))?;
            overview.iter().try_for_each(|one| render::overview(&mut out, one))?;
            // Counted over all items: what the limit leaves out is in the summary.
            let counts = given.rules.verdict_counts(profile, given.as_of);
            render::report(&mut out, &report, &given.rules, counts)?;
        } else {
            let mut value = serde_json::to_value(&report)?;
            if let (Some(map), false) = (value.as_object_mut(), refused.is_empty()) {
                map.insert("opted_out".to_owned(), serde_json::to_value(&refused)?);
            }
            if let (Some(map), Some(overview)) = (value.as_object_mut(), overview) {
                map.insert("overview".to_owned(), serde_json::to_value(overview)?);
            }
            given.write(&mut out, &value)?;
        }
    }
    if let Some(file) = &args.receipts {
        crate::receipts::write(file, receipts, &given.rules, given.records.as_ref())?;
    }
    out.flush()?;
    Ok(if wrong { Outcome::InvalidInput } else { Outcome::Done })
}

/// `zhaoren ask`
pub(crate) fn ask(home: &Home, json: bool, args: &AskArgs) -> Result<Outcome, CannotRun> {
    let given = MatchInput::read(home, &args.against)?;
    let mut out = std::io::BufWriter::new(crate::terminal::stdout());
    for profile in &given.profiles {
        given.print_disagreements(profile);
        // People see the rarities as one question, so the limit counts the others.
        let limit = if json { args.limit } else { usize::MAX };
        let plan = given.rules.questions(profile, given.as_of, limit);
        match (json, given.several) {
            (true, true) => writeln!(out, "{}", serde_json::to_string(&plan)?)?,
            (true, false) => writeln!(out, "{}", serde_json::to_string_pretty(&plan)?)?,
            (false, _) => render::questions(&mut out, &plan, args.limit)?,
        }
    }
    out.flush()?;
    Ok(if given.has_errors { Outcome::InvalidInput } else { Outcome::Done })
}

/// `zhaoren pack`
pub(crate) fn pack(home: &Home, json: bool, args: &PackArgs) -> Result<Outcome, CannotRun> {
    let given = MatchInput::read(home, &args.against)?;
    let mut out = std::io::BufWriter::new(crate::terminal::stdout());
    let options = MatchOptions { as_of: given.as_of, all: true, limit: usize::MAX, bundle: true };
    for profile in &given.profiles {
        given.print_disagreements(profile);
        let (report, undecided) = given.rules.match_profile(profile, options);
        undecided.iter().for_each(|one| tell!("{one}"));
        let plan = given.rules.questions(profile, given.as_of, usize::MAX);
        let received = given.received(profile, &args.against.items.tenant)?;
        let pack = ServicePack::of(&report, &received, &plan, Vec::new());
        if json {
            given.write(&mut out, &pack)?;
            continue;
        }
        let choices = PackChoices::default();
        let (bytes, extension) = match args.format {
            PackFormat::Docx => (pack.docx(choices), "docx"),
            PackFormat::Xlsx => (pack.xlsx(choices), "xlsx"),
        };
        let bytes = bytes.map_err(|error| error.to_string())?;
        let path = args.out.join(format!("{}-{}.{extension}", file_name(&pack.id), pack.as_of));
        let failed = |error: std::io::Error| format!("{}：{error}", path.display());
        std::fs::create_dir_all(&args.out).map_err(failed)?;
        zhaoren_disk::write_atomic(&path, &bytes).map_err(failed)?;
        writeln!(
            out,
            "{}：现在可办 {} 项，待核实 {} 项 → {}",
            pack.name,
            pack.lines.len(),
            pack.open,
            path.display()
        )?;
    }
    out.flush()?;
    Ok(if given.has_errors { Outcome::InvalidInput } else { Outcome::Done })
}

/// An id as part of a file name that every system takes: other characters are written in hexadecimal, so that two ids never share
/// a name.
fn file_name(id: &str) -> String {
    let mut name = String::new();
    for one in id.chars() {
        if one.is_alphanumeric() || "-_".contains(one) {
            name.push(one);
        } else {
            let mut bytes = [0; 4];
            name.extend(one.encode_utf8(&mut bytes).bytes().map(|byte| format!("%{byte:02X}")));
        }
    }
    name
}

/// Parsed input of a matching command; its problems have been printed.
struct MatchInput {
    rules: Arc<Rules>,
    /// Records that the rules come from; `None` if they come from files.
    records: Option<Records>,
    profiles: Vec<Profile>,
    as_of: jiff::civil::Date,
    /// True if the input format allows more than one profile.
    several: bool,
    has_errors: bool,
}

impl MatchInput {
    fn read(home: &Home, args: &AgainstArgs) -> Result<Self, CannotRun> {
        let as_of = args.items.day();
        let mut problems = Vec::new();
        let dictionary = dictionary(args.facts.as_deref(), &mut problems)?;
        let (rules, records) = rules(home, &args.items, dictionary, &mut problems)?;
        let mut profiles = Vec::new();
        let mut several = args.profiles.len() > 1;
        for path in &args.profiles {
            let (file, bytes) = match read_input(path) {
                Ok(input) => input,
                Err(error) => {
                    problems.push(zhaoren_engine::file_problem(path, &error));
                    continue;
                }
            };
            let read = zhaoren_engine::read_profiles(&bytes, &file, rules.dictionary(), args.strict);
            several |= read.allows_several;
            problems.extend(read.problems);
            profiles.extend(read.profiles);
        }
        print_problems(&problems);
        if profiles.is_empty() && args.profiles.iter().all(|path| path.as_os_str() != "-" && !path.exists()) {
            return Err("没有可读的企业画像".into());
        }
        Ok(Self { rules, records, profiles, as_of, several, has_errors: has_errors(&problems) })
    }

    /// Writes one answer as JSON: on one line if there are several.
    fn write(&self, out: &mut dyn Write, answer: &impl serde::Serialize) -> Result<(), CannotRun> {
        if self.several {
            writeln!(out, "{}", serde_json::to_string(answer)?)?;
        } else {
            writeln!(out, "{}", serde_json::to_string_pretty(answer)?)?;
        }
        Ok(())
    }

    /// Overview of one profile; received benefits are known only if the rules come from the records.
    fn overview(&self, profile: &Profile, tenant: &str) -> Result<Overview, CannotRun> {
        Ok(self.rules.overview(profile, self.as_of, &self.received(profile, tenant)?))
    }

    /// Benefits received by a profile's enterprise; none are known if the rules come from files.
    fn received(&self, profile: &Profile, tenant: &str) -> Result<ReceivedBenefits, CannotRun> {
        let Some(records) = &self.records else { return Ok(ReceivedBenefits::default()) };
        Ok(ReceivedBenefits::from_outcomes(self.as_of, &records.outcomes_of(tenant, &profile.id)?)?)
    }

    /// Prints the values of a profile that contradict the written rule of a derived fact.
    fn print_disagreements(&self, profile: &Profile) {
        for line in zhaoren_engine::profile_warnings(profile, self.rules.dictionary(), self.as_of) {
            tell!("{line}");
        }
    }
}

/// Built-in facts, and those of a file.
pub(crate) fn dictionary(
    file: Option<&Path>,
    problems: &mut Vec<Problem>,
) -> Result<FactDictionary, CannotRun> {
    let mut dictionary = zhaoren_engine::built_in_facts().clone();
    if let Some(file) = file {
        let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        problems.extend(dictionary.extend_from(&text, &file.display().to_string()).problems);
    }
    Ok(dictionary)
}

/// Rules that a command asks for, and the records that they come from; `None` if they come from files.
pub(crate) fn rules(
    home: &Home,
    asked: &ItemsArgs,
    dictionary: FactDictionary,
    problems: &mut Vec<Problem>,
) -> Result<(Arc<Rules>, Option<Records>), CannotRun> {
    if !asked.policies.is_empty() {
        let (items, evidence, found) = zhaoren_engine::load_items(&asked.policies, &dictionary, asked.day())?;
        problems.extend(found);
        return Ok((Arc::new(Rules::new(items, dictionary, evidence)), None));
    }
    let bars = Bars::new();
    let book = RuleBook::open(home, &bars)?;
    let (rules, found) = if asked.believed.is_some() || !asked.tenant.is_empty() {
        book.rules_at(&asked.tenant, asked.believed, &dictionary)?
    } else {
        book.rules(&dictionary)?
    };
    problems.extend(found);
    Ok((rules, Some(book.records().clone())))
}

/// Bytes of a file, or of standard input for `-`, and the name to show for it.
pub(crate) fn read_input(path: &Path) -> std::io::Result<(String, Vec<u8>)> {
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes)?;
        return Ok(("<stdin>".to_owned(), bytes));
    }
    Ok((path.display().to_string(), std::fs::read(path)?))
}
