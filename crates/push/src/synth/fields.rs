//! Facts of synthetic enterprises: keys, years and holders.

use zhaoren_policy::fact::FactType;

/// Holder of a fact: an enterprise unknown to an authority lacks all of that authority's facts at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// 登记.
    Register,
    /// 税务.
    Tax,
    /// 社会保险.
    Insurance,
    /// 科技.
    Research,
    /// 称号公告.
    Titles,
    /// 信用.
    Credit,
    /// 企业自报.
    Reported,
}

impl Holder {
    /// All holders, with their names in the marginals.
    pub(crate) const ALL: [(Holder, &'static str); 7] = [
        (Holder::Register, "register"),
        (Holder::Tax, "tax"),
        (Holder::Insurance, "insurance"),
        (Holder::Research, "research"),
        (Holder::Titles, "titles"),
        (Holder::Credit, "credit"),
        (Holder::Reported, "reported"),
    ];
}

/// Years for which a fact is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Years {
    /// No years: the current value.
    Current,
    /// Last full year.
    Last,
    /// Last three full years.
    Three,
}

/// Cells of every field in a row, one a year; a field with no years or one uses the last cell.
pub(crate) const CELLS_PER_FIELD: usize = 3;

/// Specification of one fact of the city.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FieldSpec {
    pub(crate) key: &'static str,
    pub(crate) kind: FactType,
    pub(crate) years: Years,
    pub(crate) holder: Holder,
}

macro_rules! fields {
    ($($name:ident $key:literal $kind:ident $years:ident $holder:ident;)*) => {
        /// Fact of synthetic enterprises.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Field { $($name),* }

        /// Facts, in the order of the table's columns.
        pub(crate) const FIELDS: &[FieldSpec] = &[$(FieldSpec {
            key: $key,
            kind: FactType::$kind,
            years: Years::$years,
            holder: Holder::$holder,
        }),*];
    };
}

fields! {
    LegalForm "legal_form" Text Current Register;
    IsLegalPerson "is_legal_person" Boolean Current Register;
    TaxResident "tax_resident" Boolean Current Register;
    EstablishedOn "established_on" Date Current Register;
    Status "registration_status" Text Current Register;
    Ownership "ownership" Text Current Register;
    ForeignShare "foreign_share" Ratio Current Register;
    RegisteredRegion "registered_region" Code Current Register;
    Industry "industry" Code Current Register;
    Restricted "restricted_industry" Boolean Current Register;
    RegisteredCapital "registered_capital" Money Current Register;
    PaidInCapital "paid_in_capital" Money Current Register;
    TaxRegion "tax_region" Code Current Tax;
    VatType "vat_taxpayer_type" Text Current Tax;
    TaxGrade "tax_credit_grade" Text Current Tax;
    Arrears "tax_or_si_arrears" Boolean Current Tax;
    Accounting "independent_accounting" Boolean Current Tax;
    Revenue "revenue" Money Three Tax;
    SalesRevenue "sales_revenue" Money Three Tax;
    MainRevenue "main_revenue" Money Last Tax;
    TotalIncome "total_income" Money Last Tax;
    CostExpense "cost_expense" Money Last Tax;
    TotalAssets "total_assets" Money Three Tax;
    NetAssets "net_assets" Money Three Tax;
    NetProfit "net_profit" Money Three Tax;
    TaxableIncome "taxable_income" Money Last Tax;
    TaxesPaid "taxes_paid" Money Three Tax;
    Employees "employees" Integer Current Insurance;
    EmployeesAvg "employees_avg" Integer Three Insurance;
    Insured "si_insured" Integer Current Insurance;
    LayoffRate "layoff_rate" Ratio Last Insurance;
    Graduates "fresh_graduates_hired" Integer Last Insurance;
    RdExpense "rd_expense" Money Three Research;
    RdDomestic "rd_expense_domestic" Money Three Research;
    HightechRevenue "hightech_revenue" Money Last Research;
    SciTechStaff "sci_tech_staff" Integer Last Research;
    RdStaff "rd_staff" Integer Last Research;
    HightechFields "hightech_fields" Tags Current Research;
    EmergingFields "emerging_fields" Tags Current Research;
    LocalIndustries "local_industries" Tags Current Research;
    IpClass1 "ip_class1" Integer Current Titles;
    IpClass2 "ip_class2" Integer Current Titles;
    PatentsValid "invention_patents_valid" Integer Current Titles;
    Copyrights "software_copyrights" Integer Current Titles;
    Qualifications "qualifications" Tags Current Titles;
    TitlesLastYear "titles_granted_last_year" Tags Current Titles;
    InStatistics "in_statistics" Boolean Current Titles;
    SeriousDishonest "serious_dishonest" Boolean Current Credit;
    CourtDishonest "court_dishonest" Boolean Current Credit;
    AbnormalList "abnormal_list" Boolean Current Credit;
    MajorTaxViolation "major_tax_violation" Boolean Current Credit;
    ResearchDishonest "research_dishonest" Boolean Current Credit;
    LastPenalty "last_penalty_on" Date Current Credit;
    LastSafety "last_safety_accident_on" Date Current Credit;
    LastQuality "last_quality_accident_on" Date Current Credit;
    LastEnvironment "last_env_violation_on" Date Current Credit;
    ActualRegion "actual_region" Code Current Reported;
    FloorArea "floor_area" Decimal Current Reported;
    RentPaid "rent_paid" Money Last Reported;
    EquityFinancing "equity_financing" Money Last Reported;
    LoanBalance "loan_balance" Money Current Reported;
    Exports "exports" Money Last Reported;
    EquipmentInvestment "equipment_investment" Money Last Reported;
}

impl Field {
    /// Cell index in a row of its last (or only) year.
    pub(crate) fn cell_index(self) -> usize {
        self as usize * CELLS_PER_FIELD + CELLS_PER_FIELD - 1
    }
}

/// One column of the table of enterprises.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) header: String,
    pub(crate) kind: FactType,
    /// Cell index in a row.
    pub(crate) cell_index: usize,
    /// Fact key; `year` is the year of a yearly fact.
    pub(crate) key: &'static str,
    pub(crate) year: Option<i16>,
    pub(crate) holder: Holder,
}

/// Columns of the facts, where `last_year` is the last full year.
pub(crate) fn columns(last_year: i16) -> Vec<Column> {
    let mut columns = Vec::new();
    for (position, field) in FIELDS.iter().enumerate() {
        let back = match field.years {
            Years::Current | Years::Last => 0..=0,
            Years::Three => 0..=2,
        };
        for back in back.rev() {
            let year = (field.years != Years::Current).then_some(last_year - back);
            columns.push(Column {
                header: year.map_or_else(|| field.key.to_owned(), |year| format!("{}.{year}", field.key)),
                kind: field.kind,
                cell_index: position * CELLS_PER_FIELD + CELLS_PER_FIELD
                    - 1
                    - usize::from(back.unsigned_abs()),
                key: field.key,
                year,
                holder: field.holder,
            });
        }
    }
    columns
}
