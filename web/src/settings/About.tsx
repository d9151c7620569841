// What this is: version, build, machine, and the licences of what it is made of.
import {useEffect, useRef, useState} from 'react';
import {whyNot} from '../api/client';
import {t} from '../messages/en/settings';
import {useList} from '../server/useList';
import {safe} from '../ui/format';

interface Info {version: string; build: string; compiler: string; standard_library: string; boost: string; sqlite: string; system: string; architecture: string; cores: number}
interface Part {name: string; version: string; licence: string; from: 'Debian' | 'npm'; text: number}
interface File {parts: Part[]; texts: string[]}

// Written out only when it is opened: some are long.
function Text({text}: {text: string}) {
  const [open, setOpen] = useState(false);
  const mark = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const details = mark.current?.closest('details');
    const onToggle = () => setOpen(details?.open ?? false);
    details?.addEventListener('toggle', onToggle);
    return () => details?.removeEventListener('toggle', onToggle);
  }, []);
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
  return <div ref={mark}>{open && <pre className="block" tabIndex={0}>{safe(text)}</pre>}</div>;
}

function Licences() {
  const [file, setFile] = useState<File | null>(null);
  const [fault, setFault] = useState('');
  const [filter, setFilter] = useState('');
  useEffect(() => void fetch('/licences.json').then((answer) => { if (!answer.ok) throw new Error(t.licencesAnswered(answer.status)); return answer.json(); }).then((body: File) => setFile(body), (error: Error) => setFault(error.message)), []);
  if (fault) return <p className="fault" role="alert">{t.licencesUnread(fault)}</p>;
  const shown = file?.parts.filter((part) => `${part.name} ${part.licence} ${part.from}`.toLowerCase().includes(filter.toLowerCase())) ?? [];
  return (
    <>
      <h2>{t.madeOf}</h2>
      <div className="bar"><input type="search" aria-label={t.searchLicences} placeholder={t.searchLicencesHint} value={filter} onChange={(event) => setFilter(event.target.value)} /><span className="muted" data-testid="licence-count">{file && t.parts(shown.length)}</span></div>
      {shown.map((part) => <details key={`${part.from} ${part.name}`} className="licence"><summary><span className="mono">{safe(part.name)}</span> <span className="muted">{safe(part.version)}</span> <span className="licence-name">{safe(part.licence)}</span> <span className="muted">{part.from}</span></summary><Text text={file?.texts[part.text] ?? ''} /></details>)}
    </>
  );
}

export function About() {
  const why = whyNot('system:read');
  const {data, error} = useList<Info>(why ? null : '/api/system/about');
  return (
    <>
      {why && <p className="muted">{t.buildHidden(why)}</p>}
      {error && <p className="fault" role="alert">{error}</p>}
      {data && <dl className="facts narrow-room">
        <div><dt>Telltale</dt><dd>{data.version} ({data.build})</dd></div>
        <div><dt>{t.compiler}</dt><dd>{data.compiler}</dd></div>
        <div><dt>{t.libraries}</dt><dd>{t.libraryVersions(data.standard_library, data.boost, data.sqlite)}</dd></div>
        <div><dt>{t.runsOn}</dt><dd>{data.system}{t.machine(data.architecture, data.cores)}</dd></div>
      </dl>}
      <Licences />
    </>
  );
}
