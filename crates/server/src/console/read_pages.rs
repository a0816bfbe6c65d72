//! Pages on which a file is read, and imported.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use zhaoren_console::{FileImport, FileReading};
use zhaoren_engine::drafting::read_sheet;
use zhaoren_engine::{ImportReport, Right};

use super::shell::{FormCall, failure, page, show, show_written_within};
use crate::call::Call;
use crate::layers::Caller;
use crate::problem::{Code, Problem};
use crate::request;
use crate::routes::import::is_sound_name;
use crate::state::Shared;

pub(super) async fn ask(State(app): State<Shared>, Extension(caller): Extension<Caller>) -> Response {
    show(&app, &caller, |viewer| Ok(page(zhaoren_console::reading(viewer, &FileReading::default())))).await
}

/// Reads the file of a form. It is kept for an import if the caller may import.
pub(super) async fn look(Call { app, caller, headers, body, .. }: Call) -> Response {
    let limits = &app.settings.limits;
    let file = match request::is_form(&headers) {
        true => request::form(&headers, body, limits.import, limits).await,
        false => Err(Problem::new(Code::UnsupportedMediaType, "请在页面上选择一份文件")),
    };
    let one = file.and_then(|mut form| match (form.files.pop(), form.files.len()) {
        (Some(only), 0) => Ok((only, form)),
        _ => Err(Problem::new(Code::BadContent, "一次读一份文件")),
    });
    let ((name, bytes), form) = match one {
        Ok(one) => one,
        Err(problem) => return failure(&app, &caller, &problem),
    };
    let (shared, who) = (Arc::clone(&app), caller.0.clone());
    show(&app, &caller, move |viewer| {
        // The memory reservation of the form lasts as long as the reading.
        let _form = form;
        let found = zhaoren_engine::read_text(&name, &bytes).map_err(|problems| {
            let lines: Vec<String> = problems.iter().map(|problem| problem.fault.to_string()).collect();
            if lines.is_empty() { vec!["文件里没有政策文件".to_owned()] } else { lines }
        });
        let can_import = who.has_right(Right::Catalogue);
        let keep = (can_import || who.has_right(Right::Propose)) && found.is_ok();
        let rules = shared.engine.rules_for(&who.tenant)?;
        let sheet = read_sheet(&name, &bytes, None, rules.dictionary()).ok();
        let upload = if keep { shared.uploads.keep(&who.name, &name, bytes)? } else { None };
        let reading = FileReading { name, found: Some(found), upload, can_import, sheet };
        Ok(page(zhaoren_console::reading(viewer, &reading)))
    })
    .await
}

/// Imports a file that was just read, under the id of the form.
pub(super) async fn import(
    Path(token): Path<String>,
    FormCall { app, caller, fields }: FormCall,
) -> Response {
    let (shared, who) = (Arc::clone(&app), caller.0.clone());
    show_written_within(app.settings.limits.import_time, &app, &caller, move |viewer| {
        let id = fields.text("id").to_owned();
        if !is_sound_name(&id) {
            return Err(Problem::parameter("id", &id, "应为 1 到 200 个字，不含斜线，不以点开头"));
        }
        let gone = || Problem::new(Code::NotFound, "这份文件已不在，请重新选择文件");
        let (name, bytes) = shared.uploads.take(&who.name, &token).ok_or_else(gone)?;
        let ending = name.rsplit_once('.').map_or("bin", |(_, ending)| ending);
        let report = shared.engine.receive(&[(format!("{id}.{ending}"), bytes)], &who)?;
        Ok(page(zhaoren_console::imported(viewer, &shown(id, &report))))
    })
    .await
}

fn shown(id: String, report: &ImportReport) -> FileImport {
    let written = &report.documents;
    let outcome = match (written.new, written.changed, written.kept) {
        (1.., ..) => Some("已导入"),
        (_, 1.., _) => Some("已更新，原来的修订仍在记录中"),
        (.., 1..) => Some("内容没有变化"),
        _ => None,
    };
    let problems = report.problems.iter().map(|problem| problem.fault.to_string()).collect();
    FileImport { id, outcome, problems }
}
