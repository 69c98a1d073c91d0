/** Ids of the value codecs that programs built on dskit know (kv spec 2.5); any other is an error line on each of them. */
export const dskitCodecIds: readonly string[] = [
  'ringDesc',
  'partitionRingDesc',
  'replicaDesc',
  'propagationDelayTracker',
  'usagestats.jsonCodec',
]
