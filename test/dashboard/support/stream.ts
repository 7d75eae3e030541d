/** One message of a stream. */
export interface Message {
  readonly type: string;
  readonly data: unknown;
}

/** Reads a stream of server-sent events, as a browser does. */
export class StreamReader implements Disposable {
  readonly messages: Message[] = [];
  private readonly abort = new AbortController();
  /** Resolves when the application has ended the stream. */
  readonly ended: Promise<void>;

  private constructor(body: ReadableStream<Uint8Array>, abort: AbortController) {
    this.abort = abort;
    this.ended = this.read(body);
  }

  /** @throws Error unless the answer is a stream */
  static async open(url: string, headers: Record<string, string> = {}): Promise<StreamReader> {
    const abort = new AbortController();
    const response = await fetch(url, { headers, signal: abort.signal });
    if (!response.ok || !response.body) throw new Error(`${response.status} ${await response.text()}`);
    return new StreamReader(response.body, abort);
  }

  /** The latest message of that name. */
  last<T>(type: string): T | undefined {
    return this.messages.findLast((message) => message.type === type)?.data as T | undefined;
  }

  [Symbol.dispose](): void {
    this.abort.abort();
  }

  private async read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = '';
    try {
      for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
        const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
        rest = parts.pop()!;
        for (const part of parts) this.take(part.split('\n'));
      }
    } catch (error) {
      if (!this.abort.signal.aborted) throw error;
    }
  }

  private take(lines: readonly string[]): void {
    const field = (name: string): string | undefined =>
      lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
    const data = field('data');
    if (data !== undefined) this.messages.push({ type: field('event') ?? 'message', data: JSON.parse(data) });
  }
}
