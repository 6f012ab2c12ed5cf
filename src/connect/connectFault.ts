/** Why `connect` can't go on. The message says what to do, and never repeats a secret. */
export class ConnectFault extends Error {}
