import type { BrandKey } from './brands.ts';
import { type Category, catalogueOf, type Product } from './catalogue.ts';
import type { Basket, BasketLine } from './episode.ts';
import type { Random } from './random.ts';

const COUPONS = ['BIENVENUE10', 'NOEL10', 'SOLDES10', 'AMIS10'];

export function pickCategory(random: Random, brand: BrandKey): Category {
  return random.pick(catalogueOf(brand).categories);
}

/** A product of a category, the first of the list selling most. */
export function pickProduct(random: Random, brand: BrandKey, category: string): Product {
  const products = catalogueOf(brand).byCategory.get(category) as readonly Product[];
  return products[Math.floor(random.next() ** 1.6 * products.length)] as Product;
}

/** One to four lines, the first of the category that the purchase is about; one in ten with a coupon of 10 %. */
export function fillBasket(random: Random, brand: BrandKey, first: Product): Basket {
  const coupon = random.chance(0.1) ? random.pick(COUPONS) : undefined;
  const products = new Set<Product>([first]);
  for (let more = random.below(7) - 3; more > 0; more--) {
    products.add(pickProduct(random, brand, random.chance(0.5) ? first.category : pickCategory(random, brand).name));
  }
  const lines = [...products].map((product): BasketLine => {
    const quantity = product.priceMinor < 3000 && random.chance(0.2) ? random.between(2, 4) : 1;
    const full = product.priceMinor * quantity;
    return { product, quantity, amountMinor: coupon === undefined ? full : Math.round(full * 0.9) };
  });
  const totalMinor = lines.reduce((sum, line) => sum + line.amountMinor, 0);
  return { lines, totalMinor, coupon };
}

/** The whole basket taken back: quantities and amounts negative. */
export function takeBack(basket: Basket): Basket {
  return {
    lines: basket.lines.map((line) => ({ ...line, quantity: -line.quantity, amountMinor: -line.amountMinor })),
    totalMinor: -basket.totalMinor,
    coupon: basket.coupon,
  };
}

/** The value added tax contained in an amount, rounded to the cent as tills do per line. */
export function vatContained(amountMinor: number, vatRate: number): number {
  const vat = Math.round((Math.abs(amountMinor) * vatRate) / (10_000 + vatRate));
  return amountMinor < 0 ? -vat : vat;
}
