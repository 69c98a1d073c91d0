import { networkInterfaces } from 'node:os'

/** Whether this host has an IPv6 loopback; where it has none, what needs one is skipped. */
export const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))
