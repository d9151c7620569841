// The page for adding servers.
import {useLocation, useSearchParams} from 'wouter';
import {t} from '../messages/en/fleet';
import ServerForm, {kindOf} from './ServerForm';

export default function AddServer() {
  const [, navigate] = useLocation();
  const [search] = useSearchParams();
  return (
    <div className="page narrow">
      <h1>{t.addServers}</h1>
      <ServerForm action={t.add} first={kindOf(search.get('kind'))} onAdded={(names) => navigate(names.length === 1 ? `/servers/${encodeURIComponent(names[0])}` : '/servers')} onCancel={() => navigate('/servers')} />
    </div>
  );
}
