//! Language model that proposes conditions on demand, if one is configured.

use zhaoren_courier::{ModelClient, ModelClientFault};
use zhaoren_engine::drafting::MachineReport;
use zhaoren_engine::{Principal, now};

use crate::config::Settings;
use crate::draft_access::visible_draft;
use crate::problem::{Code, Problem};
use crate::state::Shared;

/// Checks that the model of the settings can be asked; nothing is sent. `None` without one.
///
/// # Errors
/// The fault of the settings.
pub fn check(settings: &Settings) -> Result<Option<ModelClient>, ModelClientFault> {
    settings.proposer.as_ref().map(ModelClient::open).transpose()
}

/// Asks the model about the passages of a draft of which the reader made nothing that facts decide.
pub(crate) fn ask(app: &Shared, who: &Principal, draft: i64) -> Result<MachineReport, Problem> {
    let none = "没有配置语言模型（proposer.url），模型建议不可用";
    let proposer = app.proposer.as_ref().ok_or_else(|| Problem::new(Code::Conflict, none))?;
    visible_draft(app, who, draft)?;
    let act = who.write_context(now());
    let mut ask = |instructions: &str, passage: &str| proposer.ask(instructions, passage);
    Ok(app.engine.ask_model(&act, draft, proposer.model(), &mut ask)?)
}

/// Adopts the proposal for a part of a draft in the name of its author.
pub(crate) fn adopt(app: &Shared, who: &Principal, draft: i64, part: usize) -> Result<(), Problem> {
    visible_draft(app, who, draft)?;
    Ok(app.engine.adopt_proposal(&who.write_context(now()), draft, part)?)
}
