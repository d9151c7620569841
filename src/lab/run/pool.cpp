#include "lab/run/pool.hpp"

#include "base/duration.hpp"

namespace telltale::lab::run {

Pool::Pool(runtime::Loop& loop, const suite::Suite& suite, suite::Variables variables,
           Settings settings)
    : loop_(loop),
      suite_(suite),
      variables_(std::move(variables)),
      settings_(std::move(settings)),
      programs_(loop),
      tasks_(loop, "lab") {}

base::Result<std::string> Pool::resolve(std::string_view name) const {
  const auto& servers = suite_.spec.servers;
  if (name.empty() && servers.size() == 1) return servers.begin()->first;
  if (servers.contains(std::string(name))) return std::string(name);
  return base::fail(base::Code::not_found, "the suite has no server \"" + std::string(name) + "\"");
}

base::Result<mcp::Target> Pool::target(std::string_view name) const {
  const auto known = resolve(name);
  if (!known) return std::unexpected(known.error());
  return target_of(suite_.spec.servers.at(*known), programs_.variables_of(*known, variables_),
                   suite_.folder, settings_.sources);
}

runtime::TaskResult<bool> Pool::open(Pool* self) {
  co_return co_await Programs::start(&self->programs_, &self->suite_, self->variables_,
                                     self->settings_.sources.outbound);
}

base::Result<std::shared_ptr<Instance>> Pool::make(const std::string& name, const Change& change) {
  auto target = this->target(name);
  if (!target) return std::unexpected(target.error());
  auto settings = settings_.client;
  settings.connect_timeout =
      base::Duration(base::from_seconds(suite_.spec.servers.at(name).start_timeout_s));
  if (change) change(settings);
  return std::make_shared<Instance>(loop_, name, std::move(*target), std::move(settings));
}

runtime::Task<> Pool::connect(Pool* self, std::shared_ptr<Instance> instance,
                              runtime::OneShot<base::Result<bool>> connected) {
  auto done = co_await Instance::connect(instance);
  if (done) self->descriptions_[instance->name()] = instance->description();
  connected.set(std::move(done));
}

runtime::Task<Pool::Got> Pool::get(Pool* self, std::string name,
                                   std::shared_ptr<Recorder> recorder) {
  const auto known = self->resolve(name);
  if (!known) co_return std::unexpected(known.error());
  auto found = self->shared_.find(*known);
  if (found != self->shared_.end() && found->second.connected.is_set() &&
      !found->second.instance->alive()) {
    self->ended_.push_back(found->second.instance);
    self->shared_.erase(found);
    found = self->shared_.end();
  }
  if (found == self->shared_.end()) {
    auto made = self->make(*known, {});
    if (!made) co_return std::unexpected(made.error());
    runtime::OneShot<base::Result<bool>> connected(self->loop_);
    // In a task of the pool's: the one who asked first may be cancelled, the others still wait.
    self->tasks_.spawn("lab.connect", connect(self, *made, connected));
    found = self->shared_.emplace(*known, Shared{.instance = *made, .connected = connected}).first;
  }
  const auto shared = found->second;
  shared.instance->add(recorder);
  const auto connected = co_await shared.connected.wait();
  if (!connected)
    co_return base::fail(connected.error().code,
                         "the server " + *known + " did not start: " + connected.error().detail);
  co_return shared.instance;
}

runtime::Task<> Pool::close_ended(std::vector<std::shared_ptr<Instance>>* mine) {
  for (std::size_t i = mine->size(); i-- > 0;) {
    const auto instance = mine->at(i);
    if (instance->alive()) continue;
    co_await Instance::close(instance);
    std::erase(*mine, instance);
  }
}

runtime::Task<Pool::Got> Pool::start(Pool* self, std::string name, Change change,
                                     std::vector<std::shared_ptr<Instance>>* mine,
                                     std::shared_ptr<Recorder> recorder) {
  const auto known = self->resolve(name);
  if (!known) co_return std::unexpected(known.error());
  auto made = self->make(*known, change);
  if (!made) co_return std::unexpected(made.error());
  co_await close_ended(mine);
  mine->push_back(*made);
  (*made)->add(std::move(recorder));
  auto connected = co_await Instance::connect(*made);
  if (!connected)
    co_return base::fail(connected.error().code,
                         "the server " + *known + " did not start: " + connected.error().detail);
  self->descriptions_[*known] = (*made)->description();
  co_return *made;
}

void Pool::forget(const std::shared_ptr<Recorder>& recorder) {
  for (const auto& [name, shared] : shared_) shared.instance->remove(recorder);
  for (const auto& instance : ended_) instance->remove(recorder);
}

runtime::Task<> Pool::close(Pool* self) {
  co_await self->tasks_.stop();
  for (auto& [name, shared] : self->shared_) self->ended_.push_back(shared.instance);
  self->shared_.clear();
  runtime::TaskGroup closing(self->loop_, "lab");
  auto left = std::make_shared<std::size_t>(self->ended_.size());
  runtime::OneShot<bool> gone(self->loop_);
  for (auto& instance : self->ended_)
    closing.spawn("lab.close",
                  [](std::shared_ptr<Instance> one, std::shared_ptr<std::size_t> count,
                     runtime::OneShot<bool> done) -> runtime::Task<> {
                    co_await Instance::close(one);
                    if (--*count == 0) done.set(true);
                  }(std::move(instance), left, gone));
  if (*left > 0) co_await gone.wait();
  self->ended_.clear();
  co_await closing.stop();
  co_await Programs::stop(&self->programs_);
}

std::vector<std::shared_ptr<Instance>> Pool::running() const {
  std::vector<std::shared_ptr<Instance>> out;
  for (const auto& [name, shared] : shared_)
    if (shared.instance->alive()) out.push_back(shared.instance);
  return out;
}

}  // namespace telltale::lab::run
