//! Colours of painting, as far as it takes to tell visible text from hidden text.

use hayro_syntax::object::{Array, Dict, Name, Object, Stream};
use hayro_syntax::page::Resources;

use super::page::{Ink, Rgb};

/// A colour space. Spaces that are not worked out count as patterns: text in them is taken for visible.
#[derive(Clone, Debug)]
pub(super) enum Space {
    Gray,
    Rgb,
    Cmyk,
    Lab,
    /// One ink beside those of print, from none (0) to full (1): the colour of full ink, if it is known.
    Spot(Option<Rgb>),
    Other,
}

/// Depth to which spaces may lie in one another.
const DEPTH: u32 = 4;

impl Space {
    /// The space of this name: one of the device, or one of the resources.
    pub(super) fn named(name: &Name<'_>, resources: &Resources<'_>) -> Self {
        device(name).unwrap_or_else(|| {
            resources.get_color_space(name).map_or(Self::Other, |object| Self::of(&object, DEPTH))
        })
    }

    fn of(object: &Object<'_>, depth: u32) -> Self {
        let array = match object {
            Object::Name(name) => return device(name).unwrap_or(Self::Other),
            Object::Array(array) if depth > 0 => array,
            _ => return Self::Other,
        };
        let mut parts = array.iter::<Object<'_>>();
        let Some(Object::Name(kind)) = parts.next() else { return Self::Other };
        match kind.as_ref() {
            b"CalGray" => Self::Gray,
            b"CalRGB" => Self::Rgb,
            b"Lab" => Self::Lab,
            b"ICCBased" => match parts.next() {
                Some(Object::Stream(profile)) => match profile.dict().get::<u32>("N") {
                    Some(1) => Self::Gray,
                    Some(3) => Self::Rgb,
                    Some(4) => Self::Cmyk,
                    _ => Self::Other,
                },
                _ => Self::Other,
            },
            b"Separation" => spot(array, depth),
            _ => device(&kind).unwrap_or(Self::Other),
        }
    }

    /// The colour at the beginning, before any is chosen: black.
    pub(super) fn first(&self) -> Ink {
        match self {
            Self::Other => Ink::Pattern,
            Self::Spot(full) => full.map_or(Ink::Pattern, Ink::Color),
            _ => Ink::Color([0.0; 3]),
        }
    }

    /// The colour of these components.
    pub(super) fn color(&self, parts: &[f32]) -> Ink {
        let part = |at: usize| parts.get(at).copied().unwrap_or_default();
        match self {
            Self::Gray => Ink::Color(gray(part(0))),
            Self::Rgb => Ink::Color([part(0), part(1), part(2)].map(|part| part.clamp(0.0, 1.0))),
            Self::Cmyk => Ink::Color(cmyk(part(0), part(1), part(2), part(3))),
            // Lightness alone distinguishes white from other colours.
            Self::Lab if part(1).abs() + part(2).abs() < 8.0 => Ink::Color(gray(part(0) / 100.0)),
            Self::Lab => Ink::Pattern,
            Self::Spot(Some(full)) => {
                Ink::Color(full.map(|full| 1.0 - part(0).clamp(0.0, 1.0) * (1.0 - full)))
            }
            Self::Spot(None) if part(0) <= 0.0 => Ink::Color([1.0; 3]),
            Self::Spot(None) | Self::Other => Ink::Pattern,
        }
    }
}

fn device(name: &Name<'_>) -> Option<Space> {
    match name.as_ref() {
        b"DeviceGray" | b"G" | b"CalGray" => Some(Space::Gray),
        b"DeviceRGB" | b"RGB" | b"CalRGB" => Some(Space::Rgb),
        b"DeviceCMYK" | b"CMYK" => Some(Space::Cmyk),
        _ => None,
    }
}

/// An ink whose colour is given by a function of one exponent, as nearly all are.
fn spot(array: &Array<'_>, depth: u32) -> Space {
    let mut parts = array.iter::<Object<'_>>().skip(2);
    let base = parts.next().map_or(Space::Other, |base| Space::of(&base, depth - 1));
    let function: Option<Dict<'_>> = match parts.next() {
        Some(Object::Dict(dict)) => Some(dict),
        Some(Object::Stream(stream)) => Some(Stream::dict(&stream).clone()),
        _ => None,
    };
    let full = function
        .filter(|function| function.get::<u32>("FunctionType") == Some(2))
        .and_then(|function| function.get::<Array<'_>>("C1"))
        .map(|full| full.iter::<f32>().take(4).collect::<Vec<_>>());
    match full.map(|full| base.color(&full)) {
        Some(Ink::Color(full)) => Space::Spot(Some(full)),
        _ => Space::Spot(None),
    }
}

/// A grey from black (0) to white (1).
pub(super) fn gray(level: f32) -> Rgb {
    [level.clamp(0.0, 1.0); 3]
}

/// ISO 32000-1, 10.3.5, without the press.
pub(super) fn cmyk(cyan: f32, magenta: f32, yellow: f32, black: f32) -> Rgb {
    [cyan, magenta, yellow].map(|ink| (1.0 - ink.clamp(0.0, 1.0)) * (1.0 - black.clamp(0.0, 1.0)))
}

/// True if an eye tells one colour from the other. The limit is about two thirds of what the Web guidelines call the
/// least contrast of decoration: very light grey on white still counts as seen.
pub(super) fn differ(one: Rgb, other: Rgb) -> bool {
    one.iter().zip(other).any(|(one, other)| (one - other).abs() > 0.06)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_is_recognised_in_every_colour_space() {
        for ink in [Space::Gray.color(&[1.0]), Space::Rgb.color(&[1.0; 3]), Space::Cmyk.color(&[0.0; 4])] {
            assert_eq!(ink, Ink::Color([1.0; 3]));
        }
        assert_eq!(Space::Spot(None).color(&[0.0]), Ink::Color([1.0; 3]));
        assert_eq!(Space::Spot(Some([0.0, 0.25, 0.5])).color(&[1.0]), Ink::Color([0.0, 0.25, 0.5]));
    }

    #[test]
    fn light_grey_is_visible_and_near_white_is_not() {
        assert!(differ(gray(0.9), gray(1.0)));
        assert!(!differ(gray(0.96), gray(1.0)));
    }
}
