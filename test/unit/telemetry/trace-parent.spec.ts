import { describe, expect, it } from 'vitest';
import { formatTraceParent, linksTo } from '../../../lib/telemetry/trace-parent.js';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

describe('a span that travels with a message', () => {
  it.each([0, 1, 3])('comes back as it was, with flags %i', (traceFlags) => {
    const text = formatTraceParent({ traceId, spanId, traceFlags })!;
    expect(text).toBe(`00-${traceId}-${spanId}-0${traceFlags}`);
    expect(linksTo(text)).toEqual([{ context: { traceId, spanId, traceFlags, isRemote: true } }]);
  });

  it('is left out when nothing traces', () => {
    const none = { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 };
    expect(formatTraceParent(none)).toBeUndefined();
  });

  it.each([undefined, '', 'text', `00-${traceId}-${spanId}`, `00-${'0'.repeat(32)}-${spanId}-01`])(
    'is no link when it reads %j',
    (text) => expect(linksTo(text)).toEqual([]),
  );
});
