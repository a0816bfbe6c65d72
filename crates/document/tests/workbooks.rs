//! Workbooks: what is seen of sheets.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot make its input has failed")]

use crate::package;

use package::{lines, package};
use zhaoren_document::{Document, Limits, Origin, Refusal, Value, read, sheets};

/// A workbook of one sheet with this content, and these styles of cells.
fn xlsx(content: &str, styles: &str) -> Vec<u8> {
    let sheet = format!("<worksheet>{content}</worksheet>");
    let styles = format!("<styleSheet>{styles}</styleSheet>");
    package(&[
        ("xl/workbook.xml", b"<workbook><sheets><sheet name='\xe8\xa1\xa8' sheetId='1' r:id='r1' xmlns:r='r'/></sheets></workbook>"),
        (
            "xl/_rels/workbook.xml.rels",
            b"<Relationships><Relationship Id='r1' Type='worksheet' Target='worksheets/sheet1.xml'/></Relationships>",
        ),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        ("xl/styles.xml", styles.as_bytes()),
    ])
}

fn sheet(content: &str, styles: &str) -> Document {
    read(&xlsx(content, styles), &Limits::IMPORT).unwrap()
}

fn text(place: &str, words: &str) -> String {
    format!("<c r='{place}' t='inlineStr'><is><t>{words}</t></is></c>")
}

#[test]
fn merged_cells_keep_their_text_in_hidden_rows_and_columns() {
    let content = format!(
        "<cols><col min='2' max='2' hidden='1'/></cols><sheetData><row r='1' hidden='1'>{}{}</row><row r='2'>{}{}</row>\
         <row r='3'>{}</row></sheetData><mergeCells><mergeCell ref='A1:A3'/><mergeCell ref='C2:XFD1048576'/></mergeCells>",
        text("A1", "甲"),
        text("C1", "看不见"),
        text("B2", "看不见"),
        text("C2", "乙"),
        text("C3", "被盖住"),
    );
    let document = sheet(&content, "");
    // Column A has words in the hidden row only; they are seen in the rest of the merged cell.
    assert_eq!(lines(&document), ["甲|乙", "<|<"]);
    assert_eq!(document.remarks.len(), 2, "{:?}", document.remarks);
}

#[test]
fn values_are_formatted_and_missing_formula_results_reported() {
    let styles = "<numFmts><numFmt numFmtId='164' formatCode='0.0&quot;亿元&quot;'/></numFmts><cellStyleXfs><xf numFmtId='14'/></cellStyleXfs>\
        <cellXfs><xf numFmtId='0'/><xf numFmtId='10'/><xf numFmtId='164'/><xf numFmtId='14'/></cellXfs>";
    let document = sheet(
        "<sheetData><row><c s='1'><v>0.035</v></c><c s='2'><v>1.25</v></c><c s='3'><v>45047</v></c><c><f>5+7</f></c>\
         <c t='b'><v>0</v></c><c t='e'><v>#N/A</v></c><c><v>5.0000000000000001E-2</v></c></row></sheetData>",
        styles,
    );
    assert_eq!(lines(&document), ["3.50%|1.3亿元|2023-05-01||FALSE|#N/A|0.05"]);
    assert!(document.remarks.iter().any(|remark| remark.contains("1个公式")), "{:?}", document.remarks);
}

#[test]
fn values_are_read_as_data() {
    let styles = "<numFmts><numFmt numFmtId='164' formatCode='0.0&quot;亿元&quot;'/><numFmt numFmtId='165' formatCode='0!.0,'/>\
        <numFmt numFmtId='166' formatCode='yyyy&quot;年&quot;m&quot;月&quot;'/></numFmts>\
        <cellXfs><xf numFmtId='0'/><xf numFmtId='10'/><xf numFmtId='164'/><xf numFmtId='14'/><xf numFmtId='165'/>\
        <xf numFmtId='166'/><xf numFmtId='20'/></cellXfs>";
    let bytes = xlsx(
        "<sheetData><row hidden='1'><c s='1'><v>0.035</v></c><c s='2'><v>1.25</v></c><c s='3'><v>45047.5</v></c><c><f>5+7</f></c>\
         <c t='b'><v>0</v></c><c t='e'><v>#N/A</v></c><c s='4'><v>123000</v></c><c s='5'><v>45047</v></c><c s='6'><v>0.5</v></c>\
         <c t='str'><f>A1</f><v></v></c><c/></row></sheetData><mergeCells><mergeCell ref='A1:B2'/></mergeCells>",
        styles,
    );
    let found = sheets(&bytes, &Limits::TABLE).unwrap();
    let values: Vec<&Value> = found[0].cells.iter().map(|(.., value)| value).collect();
    assert_eq!(
        values,
        [
            &Value::Percent(0.035),
            &Value::Text("1.25亿元".into()),
            &Value::Day(2023, 5, 1),
            &Value::NoResult,
            &Value::Bool(false),
            &Value::Error("#N/A".into()),
            &Value::Scaled(123_000.0, "12.3".into()),
            &Value::Month(2023, 5),
            &Value::Time("12:00:00".into()),
        ]
    );
    assert_eq!(found[0].merges, [[0, 1, 0, 1]]);
    assert!(found[0].hidden_rows.contains(&0));
    let few = Limits { cells: 5, ..Limits::TABLE };
    assert!(matches!(sheets(&bytes, &few), Err(Refusal::Bomb { limit: 5, .. })));
}

#[test]
fn white_on_white_text_is_dropped_with_a_remark() {
    let styles = "<fonts><font/><font><color rgb='FFFFFFFF'/></font></fonts><fills><fill><patternFill patternType='none'/></fill><fill>\
        <patternFill patternType='solid'><fgColor rgb='FF0000FF'/></patternFill></fill></fills><cellXfs><xf/><xf fontId='1' fillId='0'/>\
        <xf fontId='1' fillId='1'/></cellXfs>";
    let content = |behind: &str| {
        format!(
            "<sheetData><row><c><v>1</v></c><c s='1'><v>2</v></c><c s='2'><v>3</v></c></row></sheetData>{behind}"
        )
    };
    let document = sheet(&content(""), styles);
    assert_eq!(lines(&document), ["1||3"]);
    assert!(
        document.remarks.iter().any(|remark| remark.contains("1个单元格为白底白字")),
        "{:?}",
        document.remarks
    );
    let coloured = sheet(&content("<conditionalFormatting/>"), styles);
    assert_eq!(lines(&coloured), ["1|2|3"]);
}

#[test]
fn cells_map_to_their_position() {
    let content = format!("<sheetData><row r='3'>{}</row></sheetData>", text("B3", "甲\n乙"));
    let canonical = sheet(&content, "").text();
    let at = canonical.text.find('乙').unwrap();
    assert_eq!(canonical.origin(at), Some(&Origin::Sheet { sheet: "表".into(), row: 3, column: 2 }));
}

#[test]
fn distant_cells_cost_no_more_than_near_ones() {
    let far = format!(
        "<sheetData><row r='1'>{}</row><row r='900000'>{}</row></sheetData>",
        text("A1", "甲"),
        text("XFA900000", "乙")
    );
    let found = lines(&sheet(&far, ""));
    assert_eq!(found.len(), 3);
    let diagonal: String =
        (1..3_000).map(|at| format!("<row r='{at}'><c r='{}{at}'><v>1</v></c></row>", column(at))).collect();
    let refused = read(&xlsx(&format!("<sheetData>{diagonal}</sheetData>"), ""), &Limits::IMPORT);
    assert!(matches!(refused, Err(Refusal::Bomb { .. })));
}

/// Letters of a column, from 1.
fn column(mut number: u32) -> String {
    let mut letters = String::new();
    while number > 0 {
        letters.insert(0, char::from(b'A' + u8::try_from((number - 1) % 26).unwrap()));
        number = (number - 1) / 26;
    }
    letters
}

/// A workbook of Excel 97 with these records of its globals and of its only sheet.
fn xls(globals: &[(u16, Vec<u8>)], sheet: &[(u16, Vec<u8>)]) -> Vec<u8> {
    fn write(records: &[(u16, Vec<u8>)], stream: &mut Vec<u8>) {
        for (kind, data) in records {
            stream.extend(kind.to_le_bytes());
            stream.extend(u16::try_from(data.len()).unwrap().to_le_bytes());
            stream.extend(data);
        }
    }
    let begin = (0x809, vec![0, 6, 5, 0, 0, 0, 0, 0]);
    let end = (0x0a, Vec::new());
    let bound = |start: u32| (0x85, [start.to_le_bytes().to_vec(), vec![0, 0, 1, 1, 0x68, 0x88]].concat());
    let globals = |start: u32| {
        let mut records = vec![begin.clone(), bound(start)];
        records.extend(globals.iter().cloned());
        records.push(end.clone());
        let mut stream = Vec::new();
        write(&records, &mut stream);
        stream
    };
    let start = u32::try_from(globals(0).len()).unwrap();
    let mut stream = globals(start);
    write(&[begin], &mut stream);
    write(sheet, &mut stream);
    write(&[end], &mut stream);
    let mut file = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
    // A document that is embedded in a cell.
    file.create_storage("/MBD1").unwrap();
    file.create_stream("/MBD1/WordDocument").unwrap();
    std::io::Write::write_all(&mut file.create_stream("/Workbook").unwrap(), &stream).unwrap();
    file.flush().unwrap();
    file.into_inner().into_inner()
}

/// The head of a cell's record, and its value.
fn cell(row: u8, column: u8, style: u8, value: &[u8]) -> Vec<u8> {
    [&[row, 0, column, 0, style, 0], value].concat()
}

#[test]
fn records_of_excel_97_are_read() {
    let style = |format: u8| (0xe0, vec![0, 0, format, 0]);
    let strings = vec![1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 0x32, 0x75, 0x59, 0x4e];
    let globals = [style(0), style(10), style(31), (0xfc, strings)];
    let string_result = [&[0_u8; 6][..], &[0xff, 0xff], &[0; 6]].concat();
    let number_result = [&36.0_f64.to_le_bytes()[..], &[0; 6]].concat();
    let sheet = [
        (0x208, [&[2, 0][..], &[0; 10], &[0x20, 0, 0, 0]].concat()),
        (0x7d, vec![3, 0, 3, 0, 0, 8, 0, 0, 1, 0]),
        (0xfd, cell(0, 0, 0, &[0, 0, 0, 0])),
        (0x203, cell(0, 1, 1, &0.035_f64.to_le_bytes())),
        (0x27e, cell(0, 2, 2, &(46203_u32 << 2 | 2).to_le_bytes())),
        (0x203, cell(0, 3, 0, &9.0_f64.to_le_bytes())),
        (0xbd, vec![1, 0, 0, 0, 0, 0, 0x0e, 0, 0, 0, 0, 0, 0x16, 0, 0, 0, 1, 0]),
        (0x06, cell(1, 2, 0, &number_result)),
        (0x204, cell(2, 0, 0, &[2, 0, 0, b'a', b'b'])),
        (0x06, cell(3, 0, 0, &string_result)),
        (0x207, vec![1, 0, 1, 0x32, 0x75]),
        (0x205, cell(3, 1, 0, &[0x17, 1])),
        (0xe5, vec![1, 0, 3, 0, 3, 0, 1, 0, 2, 0]),
    ];
    let document = read(&xls(&globals, &sheet), &Limits::IMPORT).unwrap();
    assert_eq!(lines(&document), ["甲乙|3.50%|2026年6月30日", "3|5|36", "甲|#REF!|<"]);
    assert_eq!(document.remarks.len(), 2);
    let found = sheets(&xls(&globals, &sheet), &Limits::TABLE).unwrap();
    let text = |text: &str| Value::Text(text.into());
    assert_eq!(
        found[0].cells,
        [
            (0, 0, text("甲乙")),
            (0, 1, Value::Percent(0.035)),
            (0, 2, Value::Day(2026, 6, 30)),
            (0, 3, Value::Number(9.0)),
            (1, 0, Value::Number(3.0)),
            (1, 1, Value::Number(5.0)),
            (1, 2, Value::Number(36.0)),
            (2, 0, text("ab")),
            (3, 0, text("甲")),
            (3, 1, Value::Error("#REF!".into())),
        ]
    );
    assert_eq!((found[0].merges.as_slice(), found[0].hidden_rows.contains(&2)), (&[[3, 3, 1, 2]][..], true));
    let locked = [(0x2f, vec![1, 0])];
    assert_eq!(read(&xls(&locked, &[]), &Limits::IMPORT), Err(Refusal::Encrypted));
    assert_eq!(read(&xls(&[], &[]), &Limits::IMPORT), Err(Refusal::Empty));
    let whole = xls(&globals, &sheet);
    for length in (0..whole.len()).step_by(97) {
        let _ = read(&whole[..length], &Limits::IMPORT);
    }
    for at in 0..whole.len().min(4_096) {
        let mut broken = whole.clone();
        broken[at] ^= 0x55;
        let _ = read(&broken, &Limits { steps: 2_000_000, ..Limits::IMPORT });
    }
}

#[test]
fn other_files_are_refused() {
    assert_eq!(read(&xlsx("<sheetData/>", ""), &Limits::IMPORT), Err(Refusal::Empty));
    let broken = package(&[("xl/workbook.xml", b"<workbook><sheets>")]);
    assert!(matches!(read(&broken, &Limits::IMPORT), Err(Refusal::Truncated(_) | Refusal::Damaged(_))));
    let strings: &[u8] = b"<sst><si><t>a</t></si></sst>";
    let missing = package(&[
        ("xl/workbook.xml", b"<workbook><sheets><sheet name='a' r:id='r1' xmlns:r='r'/></sheets></workbook>"),
        (
            "xl/_rels/workbook.xml.rels",
            b"<Relationships><Relationship Id='r1' Target='worksheets/sheet1.xml'/></Relationships>",
        ),
        ("xl/sharedStrings.xml", strings),
    ]);
    assert!(matches!(read(&missing, &Limits::IMPORT), Err(Refusal::Damaged(_))));
}
