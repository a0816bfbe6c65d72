//! Content of a page beside its content stream: the values of form fields, text boxes and stamps, by their appearance.

use hayro_syntax::object::{Array, Dict, Name, Object, Stream};
use hayro_syntax::page::Page;

use super::content::Painter;
use super::state::{Matrix, State};
use crate::refusal::Refusal;

/// Annotations of a page that are looked at.
const ANNOTATIONS: usize = 4_096;

/// Flags of ISO 32000-1, 12.5.3: hidden, and not on the screen.
const UNSEEN: u32 = 1 << 1 | 1 << 5;

/// Draws the annotations that are text of the page; comments are not.
pub(super) fn draw<'a>(
    painter: &mut Painter<'a, '_>,
    page: &Page<'a>,
    state: &State<'a>,
) -> Result<(), Refusal> {
    let Some(annotations) = page.raw().get::<Array<'a>>("Annots") else { return Ok(()) };
    for annotation in annotations.iter::<Dict<'a>>().take(ANNOTATIONS) {
        painter.budget.step(1)?;
        let kind = annotation.get::<Name<'_>>("Subtype");
        let text = kind.is_some_and(|kind| matches!(kind.as_ref(), b"Widget" | b"FreeText" | b"Stamp"));
        if !text || annotation.get::<u32>("F").unwrap_or_default() & UNSEEN != 0 {
            continue;
        }
        let (Some(form), Some(rectangle)) = (appearance(&annotation), annotation.get::<[f64; 4]>("Rect"))
        else {
            continue;
        };
        if let Some(matrix) = placed(&form, rectangle) {
            let mut state = state.clone();
            state.matrix = matrix.then(&state.matrix);
            painter.form(&form, page.resources(), state)?;
        }
    }
    Ok(())
}

/// The normal appearance, in the state that is set.
fn appearance<'a>(annotation: &Dict<'a>) -> Option<Stream<'a>> {
    match annotation.get::<Dict<'a>>("AP")?.get::<Object<'a>>("N")? {
        Object::Stream(stream) => Some(stream),
        Object::Dict(states) => states.get::<Stream<'a>>(annotation.get::<Name<'a>>("AS")?.as_ref()),
        _ => None,
    }
}

/// The transformation that brings a form's box onto the annotation's rectangle (ISO 32000-1, 12.5.5).
fn placed(form: &Stream<'_>, [x0, y0, x1, y1]: [f64; 4]) -> Option<Matrix> {
    let own = Matrix(form.dict().get::<[f64; 6]>("Matrix").unwrap_or(Matrix::IDENTITY.0));
    let [bx0, by0, bx1, by1] = form.dict().get::<[f64; 4]>("BBox")?;
    let area = own.area(bx0, by0, bx1, by1)?;
    let (width, height) = (f64::from(area.width()), f64::from(area.height()));
    if width <= 0.0 || height <= 0.0 {
        return None;
    }
    let (left, bottom) = (x0.min(x1), y0.min(y1));
    let (across, up) = ((x1 - x0).abs() / width, (y1 - y0).abs() / height);
    Some(Matrix([across, 0.0, 0.0, up, left - f64::from(area.x0) * across, bottom - f64::from(area.y0) * up]))
}
