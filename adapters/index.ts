// The registry of carrier adapters.
export const carriers = [] as const
