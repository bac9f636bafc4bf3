//! The tables of properties.

use super::{Entity, Kind, Property};

const fn free(name: &'static str, kind: Kind) -> Property {
    Property {
        name,
        kind,
        computed: false,
    }
}

const fn computed(name: &'static str, kind: Kind) -> Property {
    Property {
        name,
        kind,
        computed: true,
    }
}

/// An amount of money, to the cent.
const MONEY: Kind = Kind::Decimal(2);

/// A quantity or a price of one, finer than a cent.
const FINE: Kind = Kind::Decimal(5);

/// A company: books of its own.
pub(crate) static COMPANY: Entity = Entity {
    set: "companies",
    name: "company",
    navigation: &[],
    properties: &[
        computed("id", Kind::Guid),
        computed("systemVersion", Kind::Text(80)),
        computed("timestamp", Kind::Integer),
        free("name", Kind::Text(30)),
        free("displayName", Kind::Text(250)),
        free("businessProfileId", Kind::Text(250)),
        computed("systemCreatedAt", Kind::Instant),
        computed("systemCreatedBy", Kind::Guid),
        computed("systemModifiedAt", Kind::Instant),
        computed("systemModifiedBy", Kind::Guid),
    ],
};

/// A customer.
pub(crate) static CUSTOMER: Entity = Entity {
    set: "customers",
    name: "customer",
    navigation: &[],
    properties: &[
        computed("id", Kind::Guid),
        free("number", Kind::Text(20)),
        free("displayName", Kind::Text(100)),
        free("type", Kind::Choice(&["Company", "Person"])),
        free("addressLine1", Kind::Text(100)),
        free("addressLine2", Kind::Text(50)),
        free("city", Kind::Text(30)),
        free("state", Kind::Text(30)),
        free("country", Kind::Text(10)),
        free("postalCode", Kind::Text(20)),
        free("phoneNumber", Kind::Text(30)),
        free("email", Kind::Text(80)),
        free("website", Kind::Text(80)),
        free("salespersonCode", Kind::Text(20)),
        computed("balanceDue", MONEY),
        free("creditLimit", MONEY),
        free("taxLiable", Kind::Bool),
        free("taxAreaId", Kind::Guid),
        computed("taxAreaDisplayName", Kind::Text(100)),
        free("taxRegistrationNumber", Kind::Text(20)),
        free("currencyId", Kind::Guid),
        free("currencyCode", Kind::Text(10)),
        free("paymentTermsId", Kind::Guid),
        free("shipmentMethodId", Kind::Guid),
        free("paymentMethodId", Kind::Guid),
        free(
            "blocked",
            Kind::Choice(&["_x0020_", "Ship", "Invoice", "All"]),
        ),
        computed("lastModifiedDateTime", Kind::Instant),
    ],
};

/// An item that can be sold.
pub(crate) static ITEM: Entity = Entity {
    set: "items",
    name: "item",
    navigation: &[],
    properties: &[
        computed("id", Kind::Guid),
        free("number", Kind::Text(20)),
        free("displayName", Kind::Text(100)),
        free("displayName2", Kind::Text(50)),
        free(
            "type",
            Kind::Choice(&["Inventory", "Service", "Non_x002D_Inventory"]),
        ),
        free("itemCategoryId", Kind::Guid),
        free("itemCategoryCode", Kind::Text(20)),
        free("blocked", Kind::Bool),
        free("gtin", Kind::Text(14)),
        computed("inventory", FINE),
        free("unitPrice", FINE),
        free("priceIncludesTax", Kind::Bool),
        free("unitCost", FINE),
        free("taxGroupId", Kind::Guid),
        free("taxGroupCode", Kind::Text(20)),
        free("baseUnitOfMeasureId", Kind::Guid),
        free("baseUnitOfMeasureCode", Kind::Text(10)),
        computed("lastModifiedDateTime", Kind::Instant),
    ],
};

/// A sales invoice, from draft to canceled.
pub(crate) static SALES_INVOICE: Entity = Entity {
    set: "salesInvoices",
    name: "salesInvoice",
    navigation: &["salesInvoiceLines", "customer"],
    properties: &[
        computed("id", Kind::Guid),
        free("number", Kind::Text(20)),
        free("externalDocumentNumber", Kind::Text(35)),
        free("invoiceDate", Kind::Date),
        free("postingDate", Kind::Date),
        free("dueDate", Kind::Date),
        free("promisedPayDate", Kind::Date),
        free("customerPurchaseOrderReference", Kind::Text(35)),
        free("customerId", Kind::Guid),
        free("customerNumber", Kind::Text(20)),
        computed("customerName", Kind::Text(100)),
        computed("billToName", Kind::Text(100)),
        free("billToCustomerId", Kind::Guid),
        free("billToCustomerNumber", Kind::Text(20)),
        free("shipToName", Kind::Text(100)),
        free("shipToContact", Kind::Text(100)),
        free("sellToAddressLine1", Kind::Text(100)),
        free("sellToAddressLine2", Kind::Text(50)),
        free("sellToCity", Kind::Text(30)),
        free("sellToCountry", Kind::Text(10)),
        free("sellToState", Kind::Text(30)),
        free("sellToPostCode", Kind::Text(20)),
        free("currencyId", Kind::Guid),
        free("currencyCode", Kind::Text(10)),
        computed("orderId", Kind::Guid),
        computed("orderNumber", Kind::Text(20)),
        free("paymentTermsId", Kind::Guid),
        free("shipmentMethodId", Kind::Guid),
        free("salesperson", Kind::Text(20)),
        free("pricesIncludeTax", Kind::Bool),
        computed("remainingAmount", MONEY),
        free("discountAmount", MONEY),
        computed("discountAppliedBeforeTax", Kind::Bool),
        computed("totalAmountExcludingTax", MONEY),
        computed("totalTaxAmount", MONEY),
        computed("totalAmountIncludingTax", MONEY),
        computed(
            "status",
            Kind::Choice(&[
                "Draft",
                "In_x0020_Review",
                "Open",
                "Paid",
                "Canceled",
                "Corrective",
            ]),
        ),
        computed("lastModifiedDateTime", Kind::Instant),
        free("phoneNumber", Kind::Text(30)),
        free("email", Kind::Text(80)),
    ],
};

/// A line of a sales invoice.
pub(crate) static SALES_INVOICE_LINE: Entity = Entity {
    set: "salesInvoiceLines",
    name: "salesInvoiceLine",
    navigation: &[],
    properties: &[
        computed("id", Kind::Guid),
        free("documentId", Kind::Guid),
        free("sequence", Kind::Integer),
        free("itemId", Kind::Guid),
        free("accountId", Kind::Guid),
        free(
            "lineType",
            Kind::Choice(&[
                "Comment",
                "Account",
                "Item",
                "Resource",
                "Fixed_x0020_Asset",
                "Charge",
            ]),
        ),
        free("lineObjectNumber", Kind::Text(20)),
        free("description", Kind::Text(100)),
        free("description2", Kind::Text(50)),
        free("unitOfMeasureId", Kind::Guid),
        free("unitOfMeasureCode", Kind::Text(10)),
        free("quantity", FINE),
        free("unitPrice", FINE),
        free("discountAmount", MONEY),
        free("discountPercent", FINE),
        computed("discountAppliedBeforeTax", Kind::Bool),
        computed("amountExcludingTax", MONEY),
        free("taxCode", Kind::Text(20)),
        free("taxPercent", FINE),
        computed("totalTaxAmount", MONEY),
        computed("amountIncludingTax", MONEY),
        computed("invoiceDiscountAllocation", MONEY),
        computed("netAmount", MONEY),
        computed("netTaxAmount", MONEY),
        computed("netAmountIncludingTax", MONEY),
        free("shipmentDate", Kind::Date),
        free("itemVariantId", Kind::Guid),
        free("locationId", Kind::Guid),
    ],
};

/// One side of a booking; written by posting alone.
pub(crate) static GENERAL_LEDGER_ENTRY: Entity = Entity {
    set: "generalLedgerEntries",
    name: "generalLedgerEntry",
    navigation: &[],
    properties: &[
        computed("id", Kind::Guid),
        computed("entryNumber", Kind::Integer),
        computed("postingDate", Kind::Date),
        computed("documentNumber", Kind::Text(20)),
        computed(
            "documentType",
            Kind::Choice(&["_x0020_", "Payment", "Invoice", "Credit_x0020_Memo"]),
        ),
        computed("accountId", Kind::Guid),
        computed("accountNumber", Kind::Text(20)),
        computed("description", Kind::Text(100)),
        computed("debitAmount", MONEY),
        computed("creditAmount", MONEY),
        computed("lastModifiedDateTime", Kind::Instant),
    ],
};
