#include "rtc/engine.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/random.hpp"
#include "rtc/connection_events.hpp"
#include "rtc/engine_impl.hpp"
#include "rtc/loopback.hpp"
#include "rtc/peer/orders.hpp"
#include "runtime/run.hpp"

namespace telltale::rtc {

// --- Impl ---

Engine::Impl::Impl(EngineSettings engine_settings, std::vector<runtime::Loop*> the_loops,
                   SourceCatalog* the_catalog, runtime::EventSink& sink, dtls::Context context)
    : settings(std::move(engine_settings)),
      loops(std::move(the_loops)),
      clock(loops.front()->clock()),
      catalog(the_catalog),
      events(sink),
      dtls(std::move(context)),
      ntp(clock),
      admission({.connections = settings.connections_max,
                 .per_actor = settings.connections_per_actor_max,
                 .connecting = settings.connecting_max}),
      loads(settings.workers == 0 ? loops.size() : settings.workers) {
  for (std::size_t i = 0; i < loads.size(); ++i)
    workers.push_back(std::make_unique<Worker>(i, settings, *loops[i % loops.size()], book, dtls,
                                               ntp, static_cast<Worker::Listener&>(*this)));
}

void Engine::Impl::publish_record(Peer& peer) {
  const auto entry = entries.find(peer.id());
  if (!entry) return;
  auto record = std::make_shared<const ConnectionRecord>(peer.record());
  entry->record.store(record);
}

void Engine::Impl::tell(const ConnectionRecord& record, std::string_view what,
                        base::JsonObject more) {
  events.publish(connection_event(record, clock.wall(), what, std::move(more)));
}

void Engine::Impl::on_peer_changed(Peer& peer) {
  const auto entry = entries.find(peer.id());
  if (!entry) return;
  const auto before = entry->record.load();
  publish_record(peer);
  const auto now = entry->record.load();
  const bool same = before && before->state == now->state && before->quality == now->quality &&
                    before->times.ice_connected == now->times.ice_connected;
  if (same) return;
  if (now->state == ConnectionState::connected) entry->leave(admission);  // once
  if (observer != nullptr) observer->on_connection(now);
  tell(*now, "changed", {});
}

void Engine::Impl::on_peer_switched(Peer& peer, const SwitchRecord& change) {
  publish_record(peer);
  const auto entry = entries.find(peer.id());
  if (!entry) return;
  const auto record = entry->record.load();
  if (observer != nullptr) observer->on_switch(record, change);
  tell(*record, "switched", {{"from", change.from}, {"to", change.to}, {"reason", change.reason}});
}

void Engine::Impl::on_peer_stats(Peer& peer) {
  const auto entry = entries.find(peer.id());
  if (!entry) return;
  publish_record(peer);
  const auto record = entry->record.load();
  base::JsonObject more;
  if (observer != nullptr) more = observer->on_statistics(record);
  events.publish(statistics_event(*record, clock.wall(), std::move(more)));
}

void Engine::Impl::on_peer_ended(Peer& peer) {
  const auto entry = entries.take(peer.id());
  if (!entry) return;
  const auto record = std::make_shared<const ConnectionRecord>(peer.record());
  ended.with([&](std::deque<ConnectionPtr>& kept) {
    kept.push_front(record);
    if (kept.size() > settings.closed_kept) kept.pop_back();
  });
  --loads[entry->worker];
  entry->leave(admission);
  admission.release(entry->actor);
  if (observer != nullptr) observer->on_connection(record);
  tell(*record, "changed", {});
}

base::Result<void> Engine::Impl::admit(const std::string& actor) {
  if (stopping.load()) {
    const auto why = failure.with([](const std::string& text) { return text; });
    return base::fail(base::Code::unavailable,
                      why.empty() ? "the server is stopping" : "there is no WebRTC here: " + why);
  }
  return admission.admit(actor);
}

std::size_t Engine::Impl::least_loaded() const {
  const auto least = std::ranges::min_element(
      loads, [](const auto& a, const auto& b) { return a.load() < b.load(); });
  return static_cast<std::size_t>(least - loads.begin());
}

runtime::TaskResult<Answer> Engine::Impl::accept(Impl* self, Offer offer, ConnectionRole role) {
  if (!self->settings.automatic_quality && offer.quality == Quality::automatic)
    offer.quality = Quality::medium;
  if (auto admitted = self->admit(offer.actor); !admitted)
    co_return std::unexpected(admitted.error());
  auto made = co_await open_connection(self, offer, role);
  if (!made) {
    self->admission.leave_connecting();
    self->admission.release(offer.actor);
  }
  co_return made;
}

runtime::TaskResult<Answer> Engine::Impl::open_connection(Impl* self, Offer offer,
                                                          ConnectionRole role) {
  if (role == ConnectionRole::viewer && !offer.playing) {
    if (self->catalog == nullptr)
      co_return base::fail(base::Code::not_found, "this server has nothing to play");
    auto opened = co_await self->catalog->open(offer.source, offer.own, offer.reading);
    if (!opened) co_return std::unexpected(opened.error());
    offer.playing = std::move(*opened);
  }
  if (role == ConnectionRole::publisher && self->catalog == nullptr)
    co_return base::fail(base::Code::unsupported, "this server takes no streams");
  const auto index = self->least_loaded();
  ++self->loads[index];
  auto answer = co_await runtime::call_on(self->workers[index]->loop(),
                                          add_peer(self, index, std::move(offer), role));
  if (!answer) --self->loads[index];
  co_return answer;
}

runtime::TaskResult<Answer> Engine::Impl::add_peer(Impl* self, std::size_t index, Offer offer,
                                                   ConnectionRole role) {
  auto* const worker = self->workers[index].get();
  auto id = base::new_id("rtc");
  auto entry = std::make_shared<Entry>();
  entry->worker = index;
  entry->actor = offer.actor;
  entry->source = offer.playing;
  const Peer::OpenPublication publication = [&](std::optional<Codec> video, bool audio) {
    auto* const loop = &worker->loop();
    return self->catalog->publish(offer.source, video.value_or(Codec::h264), audio,
                                  [worker, loop, id, alive = worker->alive()] {
                                    loop->post([worker, id, alive] {
                                      if (alive.expired()) return;
                                      if (auto* const peer = worker->find(id)) {
                                        peer->request_key_frame();
                                        worker->finish_turn();
                                      }
                                    });
                                  });
  };
  Peer::Settings settings{.id = id,
                          .role = role,
                          .source_name = offer.source.empty() && offer.playing
                                             ? offer.playing->info().name
                                             : offer.source,
                          .actor = offer.actor,
                          .source = offer.playing,
                          .quality = offer.quality,
                          .ice = {.connect_timeout = self->settings.connect_timeout,
                                  .consent_timeout = self->settings.consent_timeout},
                          .start_bps = self->settings.start_bps,
                          .max_bps = self->settings.max_bps};
  auto added = offer.ours ? worker->add_offering(std::move(settings))
                          : worker->add(std::move(settings), offer.sdp, publication);
  if (!added) co_return std::unexpected(added.error());
  auto& peer = **added;
  entry->record.store(std::make_shared<const ConnectionRecord>(peer.record()));
  self->entries.put(id, entry);
  const auto made = entry->record.load();
  if (self->observer != nullptr) self->observer->on_connection(made);
  self->tell(*made, "created", {});
  Answer answer{.id = id, .sdp = peer.sdp(), .etag = peer.ufrag()};
  worker->finish_turn();
  co_return answer;
}

runtime::TaskResult<bool> Engine::Impl::start_on(Worker* worker) {
  co_return co_await worker->start();
}

runtime::TaskResult<bool> Engine::Impl::stop_on(Worker* worker) {
  co_await worker->stop();
  co_return true;
}

// --- Engine ---

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::~Engine() = default;

base::Result<std::unique_ptr<Engine>> Engine::open(EngineSettings settings,
                                                   runtime::Runtime& runtime,
                                                   SourceCatalog* catalog,
                                                   runtime::EventSink& events) {
  std::vector<runtime::Loop*> loops;
  for (std::size_t i = 0; i < runtime.size(); ++i) loops.push_back(&runtime.loop(i));
  return open(std::move(settings), std::move(loops), catalog, events);
}

base::Result<std::unique_ptr<Engine>> Engine::open(EngineSettings settings,
                                                   std::vector<runtime::Loop*> loops,
                                                   SourceCatalog* catalog,
                                                   runtime::EventSink& events) {
  CHECK(!loops.empty());
  auto certificate = dtls::Certificate::make(loops.front()->clock().wall());
  if (!certificate) return std::unexpected(certificate.error());
  dtls::ContextSettings dtls_settings;
  if (!settings.srtp_profiles.empty()) dtls_settings.srtp_profiles = settings.srtp_profiles;
  auto context = dtls::Context::open(std::move(*certificate), dtls_settings);
  if (!context) return std::unexpected(context.error());
  return std::unique_ptr<Engine>(new Engine(std::make_unique<Impl>(
      std::move(settings), std::move(loops), catalog, events, std::move(*context))));
}

runtime::TaskResult<bool> Engine::start() {
  for (const auto& worker : impl_->workers) {
    auto started = co_await runtime::call_on(worker->loop(), Impl::start_on(worker.get()));
    if (started) continue;
    impl_->failure.with([&](std::string& text) { text = started.error().detail; });
    co_await stop();
    co_return std::unexpected(started.error());
  }
  co_return true;
}

runtime::Task<> Engine::stop() {
  impl_->stopping = true;
  for (const auto& worker : impl_->workers)
    (void)co_await runtime::call_on(worker->loop(), Impl::stop_on(worker.get()));
}

runtime::TaskResult<Answer> Engine::answer(Offer offer) {
  return Impl::accept(impl_.get(), std::move(offer), ConnectionRole::viewer);
}

runtime::TaskResult<Answer> Engine::offer(Offer wanted) {
  wanted.ours = true;
  return Impl::accept(impl_.get(), std::move(wanted), ConnectionRole::viewer);
}

runtime::TaskResult<Answer> Engine::publish(Offer offer) {
  return Impl::accept(impl_.get(), std::move(offer), ConnectionRole::publisher);
}

runtime::TaskResult<PatchAnswer> Engine::patch(std::string id, std::string fragment,
                                               std::optional<std::string> if_match) {
  const auto entry = impl_->entries.find(id);
  if (!entry) co_return base::fail(base::Code::not_found, "there is no such connection");
  auto parsed = sdp::Fragment::parse(fragment);
  if (!parsed) co_return std::unexpected(parsed.error());
  auto* const worker = impl_->workers[entry->worker].get();
  co_return co_await runtime::call_on(
      worker->loop(),
      orders::patch(worker, std::move(id), std::move(*parsed), std::move(if_match)));
}

runtime::TaskResult<bool> Engine::close(std::string id, std::string reason) {
  const auto entry = impl_->entries.find(id);
  if (!entry) co_return false;
  auto* const worker = impl_->workers[entry->worker].get();
  co_return co_await runtime::call_on(worker->loop(),
                                      orders::close(worker, std::move(id), std::move(reason)));
}

runtime::TaskResult<bool> Engine::accept(std::string id, std::string answer) {
  const auto entry = impl_->entries.find(id);
  if (!entry) co_return base::fail(base::Code::not_found, "there is no such connection");
  auto* const worker = impl_->workers[entry->worker].get();
  co_return co_await runtime::call_on(worker->loop(),
                                      orders::accept(worker, std::move(id), std::move(answer)));
}

runtime::TaskResult<std::size_t> Engine::close_all(std::string reason) {
  std::size_t count = 0;
  for (const auto& worker : impl_->workers) {
    const auto closed =
        co_await runtime::call_on(worker->loop(), orders::close_all(worker.get(), reason));
    count += closed.value_or(0);
  }
  co_return count;
}

runtime::TaskResult<bool> Engine::set_quality(std::string id, Quality quality) {
  if (quality == Quality::automatic && !impl_->settings.automatic_quality)
    co_return base::fail(base::Code::conflict,
                         "automatic quality is off here (--disable-auto-quality)");
  const auto entry = impl_->entries.find(id);
  if (!entry) co_return base::fail(base::Code::not_found, "there is no such connection");
  auto* const worker = impl_->workers[entry->worker].get();
  co_return co_await runtime::call_on(worker->loop(),
                                      orders::set_quality(worker, std::move(id), quality));
}

runtime::TaskResult<bool> Engine::limit_quality(std::string id, bool lower,
                                                congestion::SwitchReason why) {
  const auto entry = impl_->entries.find(id);
  if (!entry) co_return base::fail(base::Code::not_found, "there is no such connection");
  auto* const worker = impl_->workers[entry->worker].get();
  co_return co_await runtime::call_on(worker->loop(),
                                      orders::limit_quality(worker, std::move(id), lower, why));
}

runtime::TaskResult<bool> Engine::request_key_frame(std::string id) {
  const auto entry = impl_->entries.find(id);
  if (!entry) co_return base::fail(base::Code::not_found, "there is no such connection");
  auto* const worker = impl_->workers[entry->worker].get();
  co_return co_await runtime::call_on(worker->loop(),
                                      orders::request_key_frame(worker, std::move(id)));
}

runtime::TaskResult<bool> Engine::tell_player(std::string id, std::string text) {
  const auto entry = impl_->entries.find(id);
  if (!entry) co_return base::fail(base::Code::not_found, "there is no such connection");
  auto* const worker = impl_->workers[entry->worker].get();
  co_return co_await runtime::call_on(worker->loop(),
                                      orders::tell_player(worker, std::move(id), std::move(text)));
}

void Engine::observe(ConnectionObserver& observer) {
  impl_->observer = &observer;
}

std::vector<ConnectionPtr> Engine::list(bool ended) const {
  std::vector<ConnectionPtr> out;
  const auto entries = impl_->entries.all();
  out.reserve(entries.size());
  for (const auto& entry : entries) out.push_back(entry->record.load());
  if (ended)
    impl_->ended.with([&](const std::deque<ConnectionPtr>& kept) {
      out.insert(out.end(), kept.begin(), kept.end());
    });
  return out;
}

ConnectionPtr Engine::find(const std::string& id) const {
  if (const auto entry = impl_->entries.find(id)) return entry->record.load();
  return impl_->ended.with([&](const std::deque<ConnectionPtr>& kept) {
    const auto found = std::ranges::find(kept, id, [](const auto& record) { return record->id; });
    return found == kept.end() ? nullptr : *found;
  });
}

std::shared_ptr<Source> Engine::source_of(const std::string& id) const {
  const auto entry = impl_->entries.find(id);
  return entry ? entry->source : nullptr;
}

EngineCounters Engine::counters() const {
  EngineCounters out{.connections_total = impl_->admission.total(),
                     .connections = impl_->entries.size(),
                     .connecting = impl_->admission.connecting()};
  for (const auto& worker : impl_->workers) {
    const auto counts = worker->counters();
    out.datagrams_received += counts.received;
    out.datagrams_sent += counts.sent.datagrams;
    out.bytes_received += counts.received_bytes;
    out.bytes_sent += counts.sent.bytes;
    out.sends += counts.sent.sends;
    out.send_refused += counts.sent.refused;
    out.dropped_unknown += counts.unknown;
  }
  return out;
}

std::vector<WorkerAddress> Engine::addresses() const {
  std::vector<WorkerAddress> out;
  for (const auto& worker : impl_->workers) out.push_back(worker->address());
  return out;
}

runtime::TaskResult<SelfTestReport> Engine::self_test() {
  co_return co_await run_self_test(this, runtime::Loop::current());
}

const EngineSettings& Engine::settings() const noexcept {
  return impl_->settings;
}

}  // namespace telltale::rtc
