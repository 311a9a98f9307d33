/** Database of the embedded engine; by URL it is the one the URL names. */
export const EVENTS_DATABASE = 'filrouge';
