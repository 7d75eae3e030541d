import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';

export type Labels = Record<string, unknown>;

/** Keeps what an application measures and traces. */
export class Recording {
  private readonly spanExporter = new InMemorySpanExporter();
  private readonly reader = new PrometheusExporter({ preventServerStart: true });
  readonly tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(this.spanExporter)] });
  readonly meterProvider = new MeterProvider({ readers: [this.reader] });

  constructor() {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  }

  /** All spans that have ended. */
  get spans(): ReadableSpan[] {
    return this.spanExporter.getFinishedSpans();
  }

  spansOf(name: string): ReadableSpan[] {
    return this.spans.filter((span) => span.name === name);
  }

  /**
   * Value of a counter or gauge, or number of a histogram's records: the sum of all points with these attributes.
   */
  async sum(metric: string, labels: Labels = {}): Promise<number> {
    const { resourceMetrics } = await this.reader.collect();
    const all = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
    const points = all.find(({ descriptor }) => descriptor.name === metric)?.dataPoints ?? [];
    return points
      .filter(({ attributes }) => Object.entries(labels).every(([name, value]) => attributes[name] === value))
      .map(({ value }) => (typeof value === 'number' ? value : value.count))
      .reduce((sum, value) => sum + value, 0);
  }

  async metricNames(): Promise<string[]> {
    const { resourceMetrics } = await this.reader.collect();
    return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics.map(({ descriptor }) => descriptor.name));
  }

  /** What Prometheus scrapes. */
  async scrape(): Promise<string> {
    const { resourceMetrics } = await this.reader.collect();
    return new PrometheusSerializer().serialize(resourceMetrics);
  }

  async close(): Promise<void> {
    context.disable();
    await this.tracerProvider.shutdown();
    await this.meterProvider.shutdown();
  }
}
