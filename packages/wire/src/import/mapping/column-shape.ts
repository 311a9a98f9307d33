/** What stands in the cells of one of our columns, which decides what may have to be repaired. */
export type Shape =
  | 'text'
  | 'code'
  | 'email'
  | 'phone'
  | 'postal-code'
  | 'country'
  | 'day'
  | 'time'
  | 'amount'
  | 'receipt-type'
  | 'consent-status'
  | 'json'
  | 'notice-id'
  | 'notice-text';

const SHAPES: Readonly<Record<string, Shape>> = {
  customer_id: 'code',
  loyalty_card: 'code',
  user_id: 'code',
  anonymous_id: 'code',
  message_id: 'code',
  ticket_id: 'code',
  order_id: 'code',
  refers_to: 'code',
  store_id: 'code',
  till_id: 'code',
  line_sku: 'code',
  sku: 'code',
  ean: 'code',
  campaign_id: 'code',
  price: 'amount',
  spend: 'amount',
  latitude: 'amount',
  longitude: 'amount',
  starts_on: 'day',
  ends_on: 'day',
  email: 'email',
  phone: 'phone',
  postal_code: 'postal-code',
  country: 'country',
  birth_date: 'day',
  created_at: 'time',
  updated_at: 'time',
  occurred_at: 'time',
  indicated_at: 'time',
  ticket_total: 'amount',
  ticket_vat: 'amount',
  order_total: 'amount',
  order_vat: 'amount',
  line_amount: 'amount',
  line_price: 'amount',
  line_discount: 'amount',
  line_quantity: 'amount',
  line_vat_rate: 'amount',
  device_id: 'code',
  vendor: 'code',
  basis_reference: 'code',
  evidence_json: 'json',
  properties: 'json',
  traits: 'json',
  status: 'consent-status',
  notice_id: 'notice-id',
  notice_text: 'notice-text',
};

/** The shape of a column of ours; `type` is a word of a receipt in files of receipts alone. */
export function shapeOf(column: string, receipts: boolean): Shape {
  if (column === 'type') return receipts ? 'receipt-type' : 'text';
  return SHAPES[column] ?? 'text';
}
