/** How far a request had come when its time was up. */
export type OutgoingPhase = 'connection' | 'headers' | 'answer';

/**
 * Why a request was not made, or its answer not taken. No member carries a byte of the answer, or the address behind a
 * name: whoever may enter a URL learns neither what an inner service says nor where it is.
 */
export type OutgoingRefusal =
  | { readonly kind: 'url-unreadable' | 'scheme' | 'credentials' }
  | { readonly kind: 'port'; readonly port: number }
  | { readonly kind: 'header'; readonly name: string }
  | { readonly kind: 'address' | 'unknown-host'; readonly host: string }
  | { readonly kind: 'unreachable'; readonly host: string; readonly code: string }
  | { readonly kind: 'too-slow'; readonly phase: OutgoingPhase; readonly ms: number }
  | { readonly kind: 'redirect'; readonly status: number }
  | { readonly kind: 'too-large'; readonly bytesMax: number }
  | { readonly kind: 'answer-unreadable' | 'stopped' };

/** One sentence for whoever entered the URL: what is wrong, and what to do where something can be done. */
export function outgoingRefusalInWords(refusal: OutgoingRefusal): string {
  switch (refusal.kind) {
    case 'url-unreadable':
      return 'This is no URL; write it in full, as in https://hooks.example/filrouge.';
    case 'scheme':
      return 'A URL begins with https:// or http://.';
    case 'credentials':
      return 'A URL holds no user name and no password; send them in a header.';
    case 'port':
      return `Port ${refusal.port} is not asked.`;
    case 'header':
      return `The header ${JSON.stringify(refusal.name)} cannot be sent: its name or value is malformed, or belongs to the connection.`;
    case 'address':
      return `${refusal.host} is on a private or special network, which is not asked; FILROUGE_OUTGOING_PRIVATE_HOSTS names the private hosts that may be.`;
    case 'unknown-host':
      return `There is no address for ${refusal.host}.`;
    case 'unreachable':
      return `The connection with ${refusal.host} failed (${refusal.code}).`;
    case 'too-slow':
      return `No ${refusal.phase} within ${refusal.ms / 1_000} s.`;
    case 'redirect':
      return `The answer was a redirect (${refusal.status}), and none is followed; enter the URL it leads to.`;
    case 'too-large':
      return `The answer was longer than ${refusal.bytesMax} bytes, uncompressed.`;
    case 'answer-unreadable':
      return 'The answer could not be read: it is not the HTTP, or not in the Content-Encoding, that it says it is.';
    case 'stopped':
      return 'The request was stopped.';
  }
}
