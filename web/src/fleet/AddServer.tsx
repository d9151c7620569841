// The page for adding servers.
import {useLocation} from 'wouter';
import ServerForm from './ServerForm';

export default function AddServer() {
  const [, navigate] = useLocation();
  return (
    <div className="page narrow">
      <h1>Add servers</h1>
      <ServerForm action="Add" onAdded={(names) => navigate(names.length === 1 ? `/servers/${encodeURIComponent(names[0])}` : '/')} onCancel={() => navigate('/')} />
    </div>
  );
}
