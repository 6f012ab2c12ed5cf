/** Exit statuses of every command. */
export const EXIT = { fine: 0, foundTrouble: 1, wrongUse: 2 } as const;

/** The command was not used as it should be: the message says what is wrong and what to do. Ends with status 2. */
export class WrongUse extends Error {}
