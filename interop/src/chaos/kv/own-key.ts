/** Keys with values of our own types: dskit's members neither keep them nor pass them on. */
export const isOwnKey = (key: string): boolean => key.startsWith('own/')
