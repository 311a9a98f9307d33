import { describe, expect, test } from 'vitest';
import { type OutgoingPolicy, readOutgoingTarget } from './outgoing-target.ts';
import { OUTGOING_PORTS, parsePrivateHosts } from './private-hosts.ts';

const closed: OutgoingPolicy = { ports: OUTGOING_PORTS, privateHosts: new Map() };
const judged = (url: string, policy: OutgoingPolicy = closed): string => {
  const target = readOutgoingTarget(url, policy);
  return target.ok ? `${target.value.host}:${target.value.port}${target.value.path}` : target.refusal.kind;
};

describe('G14: a URL is judged by what the one parser reads in it', () => {
  test.each([
    ['https://hooks.example', 'hooks.example:443/'],
    ['http://hooks.example/a?b=c#d', 'hooks.example:80/a?b=c'],
    ['https://hooks.example:8443/a', 'hooks.example:8443/a'],
    ['HTTPS://BÜCHER.example/', 'xn--bcher-kva.example:443/'],
    ['https://hooks.example\\@127.0.0.1/', 'hooks.example:443/@127.0.0.1/'],
    ['http://1.1.1.1/', '1.1.1.1:80/'],
    ['http://[2606:4700:4700::1111]:8080/', '2606:4700:4700::1111:8080/'],
  ])('%s leads to %s', (url, target) => {
    expect(judged(url)).toBe(target);
  });

  test.each([
    ['http://127.0.0.1/', 'address'],
    ['http://127.1/', 'address'],
    ['http://2130706433/', 'address'],
    ['http://0x7f.1/', 'address'],
    ['http://0177.0.0.1/', 'address'],
    ['http://①②⑦.⓪.⓪.①/', 'address'],
    ['http://10.1.2.3./', 'address'],
    ['http://[::ffff:10.1.2.3]/', 'address'],
    ['http:10.1.2.3', 'address'],
    ['http://hooks.example@10.1.2.3/', 'credentials'],
    ['https://:secret@hooks.example/', 'credentials'],
    ['http://hooks.example:22/', 'port'],
    ['http://hooks.example:5432/', 'port'],
    ['http://hooks.example:0/', 'port'],
    ['ftp://hooks.example/', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['data:text/plain,x', 'scheme'],
    ['unix:/var/run/docker.sock', 'scheme'],
    ['//hooks.example/', 'url-unreadable'],
    ['hooks.example', 'url-unreadable'],
    ['http://hooks.example:99999/', 'url-unreadable'],
    ['http://10.1.2.3%2f.hooks.example/', 'url-unreadable'],
    [`https://hooks.example/${'a'.repeat(8_192)}`, 'url-unreadable'],
    ['', 'url-unreadable'],
  ])('%j is refused: %s', (url, kind) => {
    expect(judged(url)).toBe(kind);
  });
});

describe('a private host is reached only where the setting names it', () => {
  const policyOf = (text: string) => {
    const hosts = parsePrivateHosts(text);
    if (!hosts.ok) throw new Error(hosts.refusal.entry);
    return { ports: OUTGOING_PORTS, privateHosts: hosts.value };
  };

  test.each([
    ['10.0.0.7', 'http://10.0.0.7/', '10.0.0.7:80/'],
    ['10.0.0.7', 'http://0x0a.7/', '10.0.0.7:80/'],
    ['10.0.0.7', 'http://10.0.0.7:9000/', 'port'],
    ['10.0.0.7:9000', 'http://10.0.0.7:9000/', '10.0.0.7:9000/'],
    ['10.0.0.7:9000', 'http://10.0.0.7/', 'address'],
    ['10.0.0.7:80', 'http://10.0.0.7/', '10.0.0.7:80/'],
    ['10.0.0.7:443', 'https://10.0.0.7/', '10.0.0.7:443/'],
    ['10.0.0.7', 'http://10.0.0.8/', 'address'],
    ['[fd12::1]:8069', 'http://[fd12:0::1]:8069/', 'fd12::1:8069/'],
    ['CRM.lan', 'http://crm.lan/', 'crm.lan:80/'],
    ['169.254.169.254', 'http://169.254.169.254/', 'address'],
    ['[fd00:ec2::254]', 'http://[fd00:ec2::254]/', 'address'],
    ['0.0.0.0', 'http://0/', 'address'],
  ])('%s named: %s is %s', (named, url, outcome) => {
    expect(judged(url, policyOf(named))).toBe(outcome);
  });

  test('several are named with commas, one host with several ports', () => {
    const { privateHosts } = policyOf(' crm.lan , erp.lan:8069,erp.lan:443, ');
    expect([...privateHosts].map(([host, ports]) => [host, [...ports]])).toEqual([
      ['crm.lan', [...OUTGOING_PORTS]],
      ['erp.lan', [8069, 443]],
    ]);
  });

  test.each(['*', '*.lan', '10.0.0.0/8', 'http://crm.lan', 'crm.lan/path', 'me@crm.lan', 'crm.lan:0', 'crm.lan:99999'])(
    '%j names no host',
    (entry) => {
      expect(parsePrivateHosts(`erp.lan,${entry}`)).toEqual({ ok: false, refusal: { entry } });
    },
  );
});
