import { invariant } from '@filrouge/domain/base';
import type { BrandId } from '@filrouge/domain/deployment';
import type { NodeId } from '@filrouge/domain/identity';
import { type AppendTransaction, type DataKeyRow, type KeyId, NOBODY_CLAIM, type Vault } from '@filrouge/ports';
import type { HashedIdentifier } from './hashed-item.ts';

/** What a data key belongs to (S14): a person's identifier, one span of a device, or the receipts that name nobody. */
export type Claim =
  | { readonly brand: BrandId; readonly kind: 'node'; readonly node: NodeId }
  | { readonly brand: BrandId; readonly kind: 'span'; readonly identifier: HashedIdentifier; readonly span: number }
  | { readonly brand: BrandId; readonly kind: 'nobody' };

/** The data keys of one group commit: known ones, ones read from the store in one query, and new ones to write with it. */
export class KeyRing {
  readonly created: DataKeyRow[] = [];
  /** Keys in the place of destroyed ones. */
  readonly renewed: DataKeyRow[] = [];
  readonly #keys = new Map<BrandId, Map<NodeId, KeyId>>();
  readonly #vault: Vault;

  constructor(vault: Vault) {
    this.#vault = vault;
  }

  /** Makes a key ready for each claim. */
  async prepare(transaction: Pick<AppendTransaction, 'keys'>, claims: readonly Claim[]): Promise<void> {
    const wanted = new Map<string, { readonly brand: BrandId; readonly claim: NodeId }>();
    for (const claim of claims) {
      const { brand } = claim;
      const node = this.#nodeOf(claim);
      if (this.#keys.get(brand)?.has(node) === true) continue;
      const known = this.#vault.keyOf(brand, node);
      if (known === undefined) wanted.set(`${brand}/${node}`, { brand, claim: node });
      else this.#keep({ id: known, brand, claim: node });
    }
    if (wanted.size === 0) return;
    const stored = await transaction.keys([...wanted.values()]);
    this.#vault.remember(stored);
    for (const row of stored) this.#keep(row);
    for (const { brand, claim } of wanted.values()) {
      if (this.#keys.get(brand)?.has(claim) === true) continue;
      const row = { id: this.#vault.newKey(), brand, claim };
      this.created.push(row);
      this.#keep(row);
    }
  }

  /** The key of a prepared claim. */
  keyOf(claim: Claim): KeyId {
    const key = this.#keys.get(claim.brand)?.get(this.#nodeOf(claim));
    invariant(key !== undefined, 'a claim has its key before anything is sealed');
    return key;
  }

  /**
   * Gives a prepared claim a fresh key where its own was destroyed: an erasure took what there was, and who is somebody
   * again or decides again begins anew (S14). Elsewhere a destroyed key is an erasure to be met.
   */
  renew(claim: Claim): void {
    if (this.#vault.sealBatch(0).add(this.keyOf(claim), '') !== 'erased') return;
    const node = this.#nodeOf(claim);
    const row = { id: this.#vault.newKey(), brand: claim.brand, claim: node };
    this.renewed.push(row);
    this.#keep(row);
  }

  #keep({ id, brand, claim }: DataKeyRow): void {
    const ofBrand = this.#keys.get(brand);
    if (ofBrand === undefined) this.#keys.set(brand, new Map([[claim, id]]));
    else ofBrand.set(claim, id);
  }

  #nodeOf(claim: Claim): NodeId {
    if (claim.kind === 'nobody') return NOBODY_CLAIM;
    if (claim.kind === 'node') return claim.node;
    const { identifier, span } = claim;
    if (span === 0) return identifier.node;
    return this.#vault.lookup(claim.brand, identifier.namespace, `${identifier.value}\n#${span}`);
  }
}
