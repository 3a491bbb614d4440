// Counts in sentences.

/** `1 error`, `2 errors`. */
export const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`
