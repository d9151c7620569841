// Health as number, bar and colour; the sentence that explains it is its title.
import {t} from '../messages/en/streams';
import {safe} from '../ui/format';
import {toneOfHealth} from './rows';

export function Health({health, sentence = ''}: {health: number | null; sentence?: string}) {
  if (health === null) return <span className="muted" title={t.noScore}>–</span>;
  const tone = toneOfHealth(health);
  return (
    <span className="health" data-tone={tone} title={safe(sentence) || undefined}>
      <span className="health-number">{Math.round(health)}</span>
      <svg viewBox="0 0 40 6" width="40" height="6" aria-hidden="true"><rect className="health-rail" width="40" height="6" rx="1" /><rect className={`health-bar tone-${tone}`} y={tone === 'ok' ? 2 : 0} width={Math.max(1, health * 0.4)} height={tone === 'ok' ? 2 : 6} rx="1" /></svg>
      {tone !== 'ok' && <span className="sr">{tone === 'down' ? t.healthLow : t.healthFair}</span>}
    </span>
  );
}
