import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Files of a private certificate authority and of a server certificate for 127.0.0.1 and localhost that it signed. */
export interface Certificates extends AsyncDisposable {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** Makes them with openssl. `await using` removes them. */
export async function makeCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'majority-tls-'));
  const file = (name: string): string => join(folder, name);
  const [ca, caKey, certificate, key, request, names] = [
    file('ca.pem'),
    file('ca.key'),
    file('server.pem'),
    file('server.key'),
    file('server.csr'),
    file('names'),
  ];
  await writeFile(names, 'subjectAltName=IP:127.0.0.1,DNS:localhost');
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await run('openssl', ['req', '-x509', ...newKey, '-keyout', caKey, '-out', ca, '-days', '2', '-subj', '/CN=Test CA']);
  await run('openssl', ['req', ...newKey, '-keyout', key, '-out', request, '-subj', '/CN=redis']);
  const signing = ['-CA', ca, '-CAkey', caKey, '-CAcreateserial', '-days', '2', '-extfile', names];
  await run('openssl', ['x509', '-req', '-in', request, '-out', certificate, ...signing]);
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  return { ca, certificate, key, [Symbol.asyncDispose]: remove };
}
