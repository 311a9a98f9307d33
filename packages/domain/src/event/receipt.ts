/** One line of a till receipt or an online order. Money is in integer minor units of the receipt's currency. */
export type ReceiptLine = {
  readonly sku: string;
  readonly name?: string;
  readonly category?: string;
  /** Pieces, or thousandths of a kilogram or metre where goods are sold by measure: `unit` says which. Negative on a return. */
  readonly quantity: number;
  readonly unit?: 'piece' | 'g' | 'mm';
  /** What the customer paid for this line, tax included, discounts taken off. Negative on a return. */
  readonly amountMinor: number;
  /** Value added tax contained in `amountMinor`. */
  readonly vatMinor?: number;
  /** VAT rate in hundredths of a per cent: 20 % is 2000. */
  readonly vatRate?: number;
};

/**
 * The canonical shape of a ticket (till receipt) and of an order (online). A refund is a receipt of its own, with
 * negative amounts, that names the one it takes back.
 */
export type Receipt = {
  readonly kind: 'ticket' | 'order';
  readonly type: 'sale' | 'refund' | 'cancellation';
  /** The retailer's own number; unique within brand, store and kind. It is the contract reference of S9. */
  readonly number: string;
  /** Present on a refund or a cancellation: the number of the receipt it takes back. */
  readonly refersTo?: string;
  /** ISO 4217. */
  readonly currency: string;
  readonly amountMinor: number;
  readonly vatMinor?: number;
  readonly store?: string;
  readonly till?: string;
  readonly coupon?: string;
  /** The store's clock as printed on the receipt, with its zone, e.g. `2026-11-21T18:03:00+01:00`; the item's time is the instant it names. */
  readonly localTime?: string;
  /**
   * What the buyer answered, where the till asked at random: whether they looked at the site or the app in the seven days
   * before. Counted without the person (measurement: ROPO).
   */
  readonly researchedOnline?: boolean;
  readonly lines: readonly ReceiptLine[];
};
