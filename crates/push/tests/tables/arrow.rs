//! Parquet: every type of column is read exactly or refused by name.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::builder::*;
use arrow_array::types::*;
use arrow_array::*;
use arrow_buffer::OffsetBuffer;
use arrow_buffer::i256;
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use zhaoren_policy::profile::Profile;
use zhaoren_push::table::TableOptions;

use super::bench::{Folder, all, by_rows, facts, mapped, open, opened, rejects, sound, strict};

/// Writes columns into a file.
pub(crate) fn parquet(folder: &Folder, columns: Vec<(&str, ArrayRef)>, group: usize) -> PathBuf {
    let field = |(name, array): &(&str, ArrayRef)| Field::new(*name, array.data_type().clone(), true);
    let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).unwrap();
    let mut bytes = Vec::new();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(group)).build();
    let mut writer = ArrowWriter::try_new(&mut bytes, schema, Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    folder.write("t.parquet", bytes)
}

fn ids(count: usize) -> ArrayRef {
    Arc::new(StringArray::from((1..=count).map(|n| format!("E{n}")).collect::<Vec<_>>()))
}

/// Values read from a column of one fact: `-` for unknown, the fact's JSON, or `value: reason` of the reject.
fn column(header: &str, array: ArrayRef) -> Vec<String> {
    read_column(header, array, strict())
}

fn read_column(header: &str, array: ArrayRef, options: TableOptions) -> Vec<String> {
    let folder = Folder::new();
    let count = array.len();
    let path = parquet(&folder, vec![("id", ids(count)), (header, array)], 3);
    let rows = all(&open(&path, options)).unwrap();
    let mut said: Vec<(u64, String)> = Vec::new();
    let key = header.split('.').next().unwrap();
    for (row, profile) in rows.accepted.iter().zip(rows.profiles()) {
        said.push((row.row, given(&profile, key)));
    }
    for reject in &rows.rejects {
        assert_eq!((reject.column.as_str(), reject.id.clone()), (header, format!("E{}", reject.row)));
        said.push((reject.row, format!("{}: {}", reject.value, reject.reason)));
    }
    said.sort();
    assert_eq!(said.iter().map(|(row, _)| *row).collect::<Vec<_>>(), (1..=count as u64).collect::<Vec<_>>());
    said.into_iter().map(|(_, said)| said).collect()
}

fn given(profile: &Profile, key: &str) -> String {
    if let Some(tags) = profile.tags(key) {
        let held = tags.tags_on(jiff::civil::date(2026, 1, 1)).join("|");
        return if tags.is_complete() { format!("[{held}]") } else { format!("{{{held}}}") };
    }
    let known = if profile.current(key) == zhaoren_policy::fact::Knowledge::Unknown {
        profile.yearly(key, 2025)
    } else {
        profile.current(key)
    };
    match known.exact() {
        Some(value) => value.to_string(),
        None if known == zhaoren_policy::fact::Knowledge::Unknown => "-".to_owned(),
        None => known.to_json().to_string(),
    }
}

fn array<A: Array + 'static>(array: A) -> ArrayRef {
    Arc::new(array)
}

#[test]
fn integers() {
    let arrays = [
        array(Int8Array::from(vec![Some(7), None])),
        array(Int16Array::from(vec![Some(7), None])),
        array(Int32Array::from(vec![Some(7), None])),
        array(Int64Array::from(vec![Some(7), None])),
        array(UInt8Array::from(vec![Some(7), None])),
        array(UInt16Array::from(vec![Some(7), None])),
        array(UInt32Array::from(vec![Some(7), None])),
        array(UInt64Array::from(vec![Some(7), None])),
    ];
    for array in arrays {
        assert_eq!(column("employees", Arc::clone(&array)), ["7", "-"], "{}", array.data_type());
        assert_eq!(column("revenue.2025", Arc::clone(&array)), ["7", "-"]);
        assert_eq!(column("legal_form", array)[1], "-");
    }
    let long = UInt64Array::from(vec![u64::MAX, 0]);
    assert_eq!(column("employees", array(long)), ["18446744073709551615", "0"]);
    let ends = Int64Array::from(vec![i64::MIN, i64::MAX]);
    assert_eq!(column("net_profit.2025", array(ends)), ["-9223372036854775808", "9223372036854775807"]);
    assert_eq!(
        column("employees", array(Int64Array::from(vec![-1]))),
        ["-1: -1 超出范围，应在 0 与 不限 之间"]
    );
    // 0 and 1 are yes and no, other numbers are refused.
    assert_eq!(
        column("is_legal_person", array(Int32Array::from(vec![1, 0, 2]))),
        ["true", "false", "2: 应为是或否（true、false、1、0）"]
    );
}

#[test]
fn decimals_are_exact() {
    let money = Decimal128Array::from(vec![Some(3_010_000_055_i128), None, Some(-1), Some(100)])
        .with_precision_and_scale(18, 2)
        .unwrap();
    assert_eq!(column("net_profit.2025", array(money)), ["30100000.55", "-", "-0.01", "1"]);
    // Trailing zeros added by the type do not count as digits.
    let fine = Decimal128Array::from(vec![15 * 10_i128.pow(31)]).with_precision_and_scale(38, 32).unwrap();
    assert_eq!(column("revenue.2025", array(fine)), ["1.5"]);
    let whole = Decimal128Array::from(vec![8600, 8650]).with_precision_and_scale(10, 2).unwrap();
    assert_eq!(column("employees", array(whole)), ["86", "86.5: 应为整数"]);
    let long = Decimal128Array::from(vec![10_i128.pow(37) + 1]).with_precision_and_scale(38, 0).unwrap();
    assert!(column("revenue.2025", array(long))[0].ends_with("应为以元为单位的金额（数字）"));
    let wide = Decimal256Array::from(vec![i256::from_i128(12345)]).with_precision_and_scale(60, 4).unwrap();
    assert_eq!(column("revenue.2025", array(wide)), ["1.2345"]);
    let narrow = Decimal64Array::from(vec![12345]).with_precision_and_scale(10, 2).unwrap();
    assert_eq!(column("revenue.2025", array(narrow)), ["123.45"]);
}

#[test]
fn floats_are_read_by_their_shortest_text() {
    let values = vec![Some(0.1), Some(30_100_000.55), None, Some(-0.0), Some(1e21), Some(5e-7)];
    assert_eq!(
        column("revenue.2025", array(Float64Array::from(values))),
        ["0.1", "30100000.55", "-", "0", "1000000000000000000000", "0.0000005"]
    );
    assert_eq!(column("foreign_share", array(Float32Array::from(vec![0.1, 0.05]))), ["0.1", "0.05"]);
    let odd = Float64Array::from(vec![f64::NAN, f64::INFINITY, 1e300, 8.5]);
    let said = column("employees", array(odd));
    assert_eq!(said[0], "NaN: 不是数字；不知道的值应留空");
    assert_eq!(said[1], "inf: 不是数字；不知道的值应留空");
    assert!(said[2].ends_with("应为整数") && said[3] == "8.5: 应为整数", "{said:?}");
}

#[test]
fn texts() {
    let values = || vec![Some(" 软件企业 | 上市公司"), None, Some("  "), Some("软件企业"), Some("不在名单")];
    let dictionary: DictionaryArray<Int32Type> = values().into_iter().collect();
    let arrays = [
        array(StringArray::from(values())),
        array(LargeStringArray::from(values())),
        array(StringViewArray::from(values())),
        array(dictionary),
        array(BinaryArray::from_iter(values().into_iter().map(|text| text.map(str::as_bytes)))),
    ];
    for array in arrays {
        assert_eq!(
            column("qualifications", Arc::clone(&array)),
            ["[软件企业|上市公司]", "-", "-", "[软件企业]", "不在名单: “不在名单”不在名单内"],
            "{}",
            array.data_type()
        );
    }
    let broken = BinaryArray::from_vec(vec![b"\xff\xfe".as_slice()]);
    assert!(column("name", array(broken.clone())).is_empty() || broken.len() == 1);
    let numbers =
        StringArray::from(vec!["12", " 12.50 ", "1_000", "1,000", "0x1f", "１２", "1e2", "+3", "二"]);
    assert_eq!(
        column("employees", array(numbers)),
        [
            "12",
            "12.50: 应为整数",
            "1_000: 应为整数",
            "1000",
            "0x1f: 应为整数",
            "12",
            "100",
            "3",
            "二: 应为整数"
        ]
    );
    let dates = StringArray::from(vec!["2019-03-12", "2023-02-30", "2019/3/12"]);
    let wrong = "应为存在的日期，如 2024-02-29";
    assert_eq!(
        column("established_on", array(dates)),
        ["2019-03-12".to_owned(), format!("2023-02-30: {wrong}"), "2019-03-12".to_owned()]
    );
}

/// A code stored as a number has lost its leading zeros, and 111 for 0111 is another industry.
#[test]
fn codes_kept_as_numbers() {
    let codes = Int32Array::from(vec![6513, 111, 65]);
    let lost = "行业代码存为数字会丢失前面的 0，应把这一列存为文本";
    assert_eq!(
        column("industry", array(codes)),
        ["I6513".to_owned(), format!("111: {lost}"), format!("65: {lost}")]
    );
    assert_eq!(column("registered_region", array(Int64Array::from(vec![310_104]))), ["310104"]);
    assert_eq!(column("registered_region", array(Float64Array::from(vec![310_104.0]))), ["310104"]);
    assert_eq!(column("industry", array(StringArray::from(vec!["0111"]))), ["A0111"]);
}

#[test]
fn dates_and_moments() {
    let days = Date32Array::from(vec![Some(17_967), None, Some(-1)]);
    assert_eq!(column("established_on", array(days)), ["2019-03-12", "-", "1969-12-31"]);
    let wall = |unit| -> ArrayRef {
        let seconds = 17_967 * 86_400 + 86_399;
        match unit {
            TimeUnit::Second => array(TimestampSecondArray::from(vec![seconds])),
            TimeUnit::Millisecond => array(TimestampMillisecondArray::from(vec![seconds * 1000 + 999])),
            TimeUnit::Microsecond => array(TimestampMicrosecondArray::from(vec![seconds * 1_000_000])),
            TimeUnit::Nanosecond => array(TimestampNanosecondArray::from(vec![seconds * 1_000_000_000])),
        }
    };
    for unit in [TimeUnit::Second, TimeUnit::Millisecond, TimeUnit::Microsecond, TimeUnit::Nanosecond] {
        assert_eq!(column("established_on", wall(unit)), ["2019-03-12"], "{unit:?}");
    }
    // Midnight in China and midnight in UTC, both stored as UTC.
    for zone in ["UTC", "+00:00", "Asia/Shanghai", "+08:00"] {
        let moments = vec![(17_967 * 86_400 - 8 * 3600) * 1000, 17_967 * 86_400 * 1000];
        let moments = TimestampMillisecondArray::from(moments).with_timezone(zone);
        assert_eq!(column("established_on", array(moments)), ["2019-03-12", "2019-03-12"], "{zone}");
    }
    assert_eq!(column("employees", array(Date32Array::from(vec![17_967]))), ["2019-03-12: 应为整数"]);
    let far = Date32Array::from(vec![i32::MAX]);
    assert!(column("established_on", array(far))[0].ends_with("不是存在的日期"));
    assert_eq!(
        read_column("established_on", array(Int32Array::from(vec![20_190_312, 20_190_231])), mapped("{}")),
        ["2019-03-12", "20190231: 应为存在的日期，如 2024-02-29"]
    );
}

#[test]
fn booleans() {
    let values = BooleanArray::from(vec![Some(true), None, Some(false)]);
    assert_eq!(column("is_legal_person", array(values.clone())), ["true", "-", "false"]);
    assert_eq!(column("employees", array(values)), ["true: 应为整数", "-", "false: 应为整数"]);
    let words = StringArray::from(vec!["是", "否", "TRUE", "0", "Y"]);
    assert_eq!(
        column("is_legal_person", array(words)),
        ["true", "false", "true", "false", "Y: 应为是或否（true、false、1、0）"]
    );
}

#[test]
fn lists_of_tags() {
    let mut builder = ListBuilder::new(StringBuilder::new());
    builder.append_value([Some("软件企业"), Some(" 上市公司 "), None, Some("")]);
    builder.append_null();
    builder.append_value(Vec::<Option<&str>>::new());
    let list = builder.finish();
    let said = ["[软件企业|上市公司]", "-", "[]"];
    assert_eq!(column("qualifications", array(list.clone())), said);
    let (field, offsets, values, nulls) = list.into_parts();
    let large = OffsetBuffer::new(offsets.iter().map(|end| i64::from(*end)).collect());
    let large = LargeListArray::new(field, large, values, nulls);
    assert_eq!(column("qualifications", array(large)), said);
    let mut builder = ListBuilder::new(Int32Builder::new());
    builder.append_value([Some(1)]);
    builder.append_null();
    let numbers = column("qualifications", array(builder.finish()));
    assert_eq!(numbers[1], "-");
    assert!(numbers[0].starts_with("[1]: 这一列的类型不能用于指标"), "{numbers:?}");
    let mut builder = ListBuilder::new(StringBuilder::new());
    builder.append_value([Some("7")]);
    assert!(column("employees", array(builder.finish()))[0].ends_with("应为整数"));
}

/// A type that no fact has: every value is refused and shown, nulls stay unknown.
#[test]
fn unsupported_types_are_reported() {
    let field = Arc::new(Field::new("人数", DataType::Int32, true));
    let nulls = vec![true, false].into();
    let inner: ArrayRef = array(Int32Array::from(vec![5, 6]));
    let strange = StructArray::new(vec![field].into(), vec![inner], Some(nulls));
    let said = column("employees", array(strange));
    assert_eq!(
        said,
        ["{人数: 5}: 这一列的类型不能用于指标，应为数字、文字、日期、布尔、文字列表或记录的列表", "-"]
    );
    let times = Time64MicrosecondArray::from(vec![Some(1), None]);
    let said = column("established_on", array(times));
    assert!(said[0].contains("这一列的类型不能用于指标") && said[1] == "-", "{said:?}");
    assert_eq!(column("employees", array(NullArray::new(2))), ["-", "-"]);
}

#[test]
fn columns_not_used_are_not_read_and_rows_keep_their_numbers() {
    let folder = Folder::new();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("备注", array(StringArray::from(vec!["x"; 10]))),
        (
            "从业人数",
            array(StringArray::from_iter_values(
                (0..10).map(|n| if n == 8 { "甲".to_owned() } else { n.to_string() }),
            )),
        ),
        ("人员", array(Int32Array::from(vec![1; 10]))),
        ("id", ids(10)),
        ("营业收入.2025", array(Int64Array::from_iter_values(0..10))),
    ];
    let path = parquet(&folder, columns, 4);
    for size in [1, 3, 100] {
        let enterprises = open(&path, by_rows(size));
        assert_eq!(enterprises.warnings().len(), 2, "{:?}", enterprises.warnings());
        let rows = all(&enterprises).unwrap();
        assert_eq!(rejects(&rows), ["9 从业人数 [甲] 应为整数"]);
        assert_eq!(rows.rejects[0].id, "E9");
        let row = rows.accepted.last().unwrap();
        assert_eq!(
            (row.row, rows.profiles().last()),
            (10, Some(&facts("E10", r#"{"employees":9,"revenue":{"2025":9}}"#)))
        );
    }
    assert!(opened(&path, strict()).unwrap_err().contains("备注"));
}

#[test]
fn ids_may_be_numbers() {
    let folder = Folder::new();
    let path = parquet(&folder, vec![("id", array(Int64Array::from(vec![Some(7), None])))], 9);
    let rows = all(&open(&path, strict())).unwrap();
    assert_eq!(rows.accepted[0].id, "7");
    assert_eq!(rejects(&rows), ["2 id [] 缺少企业标识（id）"]);
    let path = parquet(&folder, vec![("id", array(Float64Array::from(vec![7.0, 9.131_010_4e17])))], 9);
    let rows = all(&open(&path, strict())).unwrap();
    assert_eq!(rows.accepted[0].id, "7");
    assert!(rows.rejects[0].reason.contains("超过 15 位的部分已经丢失"), "{:?}", rows.rejects);
}

#[test]
fn no_rows() {
    let folder = Folder::new();
    let path = parquet(&folder, vec![("id", ids(0))], 9);
    assert_eq!(sound(all(&open(&path, strict())).unwrap()), []);
}
