//! Year and serial part of a document number: year, brackets, serial, 号. Uses only the last word of the organ.

use zhaoren_cancel::poll;

use super::Form;
use crate::numeral;

/// Year and serial of a number, with their length and a suffix of the organ's name.
pub(super) struct Tail {
    pub(super) year: Option<u16>,
    pub(super) serial: u32,
    /// Number of a part of the series: 3-1号.
    pub(super) part: Option<u32>,
    pub(super) form: Form,
    /// Number of bytes consumed.
    pub(super) length: usize,
    /// 公告 or 令 after the serial: 海关总署2023年第12号公告.
    pub(super) suffix: Option<&'static str>,
}

/// True if `c` is an opening bracket in use around a year.
pub(super) fn is_open(c: char) -> bool {
    "〔[［(（【﹝〖{｛<〈《「⟨❲".contains(c)
}

fn is_close(c: char) -> bool {
    "〕]］)）】﹞〗}｝>〉》」⟩❳".contains(c)
}

/// True if `c` is an ASCII or full-width digit.
pub(super) fn is_figure(c: char) -> bool {
    c.is_ascii_digit() || ('０'..='９').contains(&c)
}

/// Parser position in a text.
struct Cursor<'a> {
    rest: &'a str,
    used: usize,
}

impl<'a> Cursor<'a> {
    fn new(text: &'a str) -> Self {
        Cursor { rest: text, used: 0 }
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn advance(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or("");
        self.used += bytes;
    }

    fn eat(&mut self, want: impl Fn(char) -> bool) -> Option<char> {
        let c = self.peek().filter(|&c| want(c))?;
        self.advance(c.len_utf8());
        Some(c)
    }

    fn spaces(&mut self) {
        while self.eat(|c| c == ' ' || c == '\u{3000}' || c == '\u{a0}' || c == '\t').is_some() {
            poll();
        }
    }

    /// Longest run of characters that satisfy `want`, at most `limit` of them.
    fn run(&mut self, limit: usize, want: impl Fn(char) -> bool) -> &'a str {
        let text = self.rest;
        let length = text.chars().take_while(|&c| want(c)).take(limit).map(char::len_utf8).sum();
        self.advance(length);
        text.get(..length).unwrap_or("")
    }

    fn year(&mut self) -> Option<u16> {
        let text = self.run(4, |c| is_figure(c) || numeral::digit(c).is_some());
        if text.chars().count() != 4 {
            return None;
        }
        let year = u16::try_from(numeral::parse(text)?).ok()?;
        (1949..=2100).contains(&year).then_some(year)
    }

    fn serial(&mut self) -> Option<u32> {
        let text = match self.peek() {
            Some(c) if is_figure(c) => self.run(6, is_figure),
            _ => self.run(9, |c| numeral::is_numeral(c) && !is_figure(c)),
        };
        let serial = u32::try_from(numeral::parse(text)?).ok()?;
        (1..=99_999).contains(&serial).then_some(serial)
    }

    /// The part of a series before 号, as in 3-1号.
    fn part(&mut self) -> Option<u32> {
        let here = Cursor { rest: self.rest, used: self.used };
        let part = self.eat(|c| "-－—–".contains(c)).and_then(|_| {
            let part = u32::try_from(numeral::parse(self.run(2, is_figure))?).ok()?;
            let marked = Cursor { rest: self.rest, used: self.used }.mark();
            (marked && part > 0).then_some(part)
        });
        if part.is_none() {
            *self = here;
        }
        part
    }

    fn mark(&mut self) -> bool {
        let here = Cursor { rest: self.rest, used: self.used };
        self.spaces();
        if self.eat(|c| c == '号' || c == '號').is_some() {
            return true;
        }
        *self = here;
        false
    }

    fn done(&mut self) -> bool {
        self.spaces();
        self.rest.is_empty()
    }
}

/// Length in bytes of a year in Chinese digits at the start of `text`: 二〇二三.
pub(super) fn chinese_year(text: &str) -> Option<usize> {
    let mut cursor = Cursor::new(text);
    matches!(cursor.peek(), Some('一' | '二')).then_some(())?;
    cursor.year().map(|_| cursor.used)
}

/// A serial number and its part.
type Serial = (u32, Option<u32>);

/// Year in brackets, 第, serial, 号. `marked` is true if 号 was present.
fn bracketed(cursor: &mut Cursor<'_>) -> Option<(u16, Serial, bool)> {
    cursor.eat(is_open)?;
    cursor.spaces();
    let year = cursor.year()?;
    cursor.spaces();
    let _ = cursor.eat(|c| c == '年');
    cursor.spaces();
    cursor.eat(is_close)?;
    cursor.spaces();
    let _ = cursor.eat(|c| c == '第' || c == '字');
    cursor.spaces();
    let serial = (cursor.serial()?, cursor.part());
    Some((year, serial, cursor.mark()))
}

/// 2023年第12号 or 第58号. Returns the year, the serial and whether 号 was present.
fn counted(cursor: &mut Cursor<'_>) -> Option<(Option<u16>, Serial, bool)> {
    let _ = cursor.eat(is_open);
    cursor.spaces();
    let mut year = None;
    if cursor.peek() != Some('第') {
        year = Some(cursor.year()?);
        cursor.spaces();
        let _ = cursor.eat(is_close);
        cursor.eat(|c| c == '年')?;
        cursor.spaces();
    }
    cursor.eat(|c| c == '第')?;
    cursor.spaces();
    let serial = (cursor.serial()?, cursor.part());
    Some((year, serial, cursor.mark()))
}

fn kind_behind(cursor: &mut Cursor<'_>) -> Option<&'static str> {
    for word in ["公告", "通告", "令"] {
        if cursor.rest.starts_with(word) {
            cursor.advance(word.len());
            return Some(word);
        }
    }
    None
}

/// Form of a number whose organ ends in 令, 公告 or 通告.
fn counted_form(organ: &str) -> Option<Form> {
    if organ.ends_with('令') {
        Some(Form::Ordered)
    } else if ["公告", "通告", "公报", "通知"].iter().any(|word| organ.ends_with(word)) {
        Some(Form::Announced)
    } else {
        None
    }
}

/// Year and serial, if `rest` consists of nothing else; `organ` precedes it.
pub(super) fn typed(organ: &str, rest: &str) -> Option<Tail> {
    let mut cursor = Cursor::new(rest);
    if let Some((year, (serial, part), _)) = bracketed(&mut cursor)
        && cursor.done()
    {
        let form = counted_form(organ).unwrap_or(Form::Bracketed);
        return Some(Tail { year: Some(year), serial, part, form, length: rest.len(), suffix: None });
    }
    let mut cursor = Cursor::new(rest);
    if let Some((year, (serial, part), _)) = counted(&mut cursor) {
        let _ = cursor.eat(is_close);
        let suffix = kind_behind(&mut cursor);
        let form = match suffix {
            Some("令") => Some(Form::Ordered),
            Some(_) => Some(Form::Announced),
            None => counted_form(organ),
        };
        if cursor.done()
            && let Some(form) =
                form.filter(|form| year.is_some() || *form != Form::Announced || suffix.is_none())
        {
            return Some(Tail { year, serial, part, form, length: rest.len(), suffix });
        }
    }
    bare(organ, rest).or_else(|| abridged(organ, rest))
}

/// Serial of an order without 第: 国务院令707号, 财政部令（108号）.
fn abridged(organ: &str, rest: &str) -> Option<Tail> {
    let mut cursor = Cursor::new(rest);
    let _ = cursor.eat(is_open);
    cursor.spaces();
    let serial = cursor.serial().filter(|_| organ.ends_with('令'))?;
    let marked = cursor.mark();
    let _ = cursor.eat(is_close);
    (marked && cursor.done()).then_some(Tail {
        year: None,
        serial,
        part: None,
        form: Form::Ordered,
        length: rest.len(),
        suffix: None,
    })
}

/// Year and serial separated only by a space, 年, 第 or a hyphen: 国发2020年8号, 国发 2020-8.
fn bare(organ: &str, rest: &str) -> Option<Tail> {
    let mut cursor = Cursor::new(rest);
    let year = cursor.year()?;
    let before = cursor.used;
    cursor.spaces();
    let _ = cursor.eat(|c| "年-－—_/".contains(c));
    cursor.spaces();
    let _ = cursor.eat(|c| c == '第');
    cursor.spaces();
    if cursor.used == before {
        return None;
    }
    let serial = cursor.serial()?;
    let part = cursor.part();
    cursor.mark();
    let form = counted_form(organ).unwrap_or(Form::Bracketed);
    cursor.done().then_some(Tail { year: Some(year), serial, part, form, length: rest.len(), suffix: None })
}

/// Year and serial at the start of `rest` in running text; `left` is the text before them.
pub(super) fn running(left: &str, rest: &str) -> Option<Tail> {
    let left = left.trim_end_matches([' ', '\u{3000}']);
    let mut cursor = Cursor::new(rest);
    let round = matches!(cursor.peek(), Some('(' | '（'));
    if let Some((year, (serial, part), marked)) = bracketed(&mut cursor) {
        let quoted = matches!(rest.chars().next(), Some('《' | '〈' | '<' | '「' | '{' | '｛'));
        let next = cursor.peek();
        if marked
            || (!round && !quoted && !next.is_some_and(|c| is_figure(c) || "年月日.．万亿元%％".contains(c)))
        {
            let form = counted_form(left).filter(|form| *form == Form::Announced).unwrap_or(Form::Bracketed);
            return Some(Tail { year: Some(year), serial, part, form, length: cursor.used, suffix: None });
        }
    }
    let mut cursor = Cursor::new(rest);
    let wrapped = cursor.peek().is_some_and(is_open);
    let (year, (serial, part), marked) = counted(&mut cursor)?;
    if !marked {
        return None;
    }
    if let Some(form) = counted_form(left).filter(|_| !left.ends_with("通知")) {
        if wrapped {
            cursor.eat(is_close)?;
        }
        return Some(Tail { year, serial, part, form, length: cursor.used, suffix: None });
    }
    // 海关总署2023年第12号公告: without the year any text followed by 第12号公告 would match.
    year?;
    let suffix = kind_behind(&mut cursor)?;
    let form = if suffix == "令" { Form::Ordered } else { Form::Announced };
    (!wrapped).then_some(Tail { year, serial, part, form, length: cursor.used, suffix: Some(suffix) })
}
