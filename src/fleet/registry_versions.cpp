// The history of the fleet as the registry keeps it: what changed is written, and put back.
#include <algorithm>

#include "base/log.hpp"
#include "fleet/registry.hpp"
#include "runtime/run.hpp"

namespace telltale::fleet {

// What is to be written is taken as written before the wait: what changes meanwhile is another
// version. What could not be written is there again for the next.
runtime::Task<> Registry::note_version(std::string actor, std::string cause) {
  if (restoring_) co_return;
  const auto before = noted_;
  const auto servers = servers_.load();
  std::vector<store::FleetChange> changes;
  for (const auto& [name, server] : *servers) {
    const auto view = server->view();
    const auto known = noted_.find(name);
    if (known != noted_.end() && known->second.origin == view->origin &&
        known->second.fingerprint == view->definition.fingerprint)
      continue;
    changes.push_back({.name = name,
                       .kind = known == noted_.end() ? "added" : "changed",
                       .origin = view->origin,
                       .definition = view->definition.source});
    noted_[name] = {view->origin, view->definition.fingerprint};
  }
  for (const auto& [name, known] : before) {
    if (servers->contains(name)) continue;
    changes.push_back({.name = name, .kind = "removed", .origin = known.origin});
    noted_.erase(name);
  }
  if (changes.empty()) co_return;
  std::vector<std::string> names;
  names.reserve(changes.size());
  for (const auto& change : changes) names.push_back(change.name);
  auto saved = co_await store::save_fleet_version(store_, std::move(actor), std::move(cause),
                                                  std::move(changes));
  if (saved) co_return;
  base::log(base::LogLevel::warning, "fleet", "a version of the fleet was not kept: {}",
            saved.error().detail);
  for (const auto& name : names) {
    noted_.erase(name);
    if (const auto old = before.find(name); old != before.end()) noted_[name] = old->second;
  }
}

runtime::TaskResult<RestoreReport> Registry::restore(store::KeptFleet target, std::int64_t version,
                                                     std::string actor) {
  return runtime::call_on(home(), restore_here(std::move(target), version, std::move(actor)));
}

runtime::TaskResult<RestoreReport> Registry::restore_here(store::KeptFleet target,
                                                          std::int64_t version, std::string actor) {
  if (changing_ || restoring_)
    co_return base::fail(base::Code::conflict, "another change of the fleet is under way");
  restoring_ = true;
  RestoreReport report;
  std::optional<base::Error> failed;
  const auto now = servers_.load();
  for (const auto& [name, kept] : target) {
    if (failed) break;
    const auto found = now->find(name);
    const bool there = found != now->end();
    const auto view = there ? found->second->view() : nullptr;
    if (there && view->definition.source == kept.definition) continue;
    if (kept.origin == "file" || (there && view->origin == "file")) {
      report.left.push_back(name);
      continue;
    }
    auto put = co_await put_here(name, kept.definition, actor, there);
    if (!put)
      failed = base::Error{.code = put.error().code, .detail = name + ": " + put.error().detail};
    else
      (there ? report.changed : report.added).push_back(name);
  }
  for (const auto& [name, server] : *now) {
    if (failed) break;
    if (target.contains(name)) continue;
    if (server->view()->origin == "file") {
      report.left.push_back(name);
      continue;
    }
    if (auto gone = co_await remove_here(name, actor); gone)
      report.removed.push_back(name);
    else
      failed = gone.error();
  }
  restoring_ = false;
  // Also when it failed on its way: what was changed until then is a version.
  co_await note_version(std::move(actor), "restore " + std::to_string(version));
  if (failed) co_return std::unexpected(*failed);
  co_return report;
}

}  // namespace telltale::fleet
