#include "rtc/peer/worker.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "base/random.hpp"
#include "runtime/sync.hpp"

namespace telltale::rtc {
namespace {

namespace asio = runtime::asio;

constexpr int kReadsPerTurn = 8;  // handfuls of one socket, then the others
constexpr std::size_t kPolledPerTurn = 16;
constexpr base::Duration kPollPause = std::chrono::milliseconds(1);
constexpr base::Duration kShowEvery = std::chrono::milliseconds(250);
constexpr int kPortTries = 50;
constexpr std::uint16_t kFirstEphemeral = 20'000;
constexpr std::uint64_t kEphemerals = 40'000;

}  // namespace

std::size_t PathHash::operator()(const ice::Path& path) const noexcept {
  // FNV-1a over what differs; an attacker gains nothing: only authentic paths are put in.
  std::uint64_t hash = 0xcbf29ce484222325;
  const auto mix = [&](std::uint64_t value) { hash = (hash ^ value) * 0x100000001b3; };
  mix(load_be<8>(path.remote.ip, 0));
  if (path.remote.v6) mix(load_be<8>(path.remote.ip, 8));
  mix(std::uint64_t{path.remote.port} << 32U | path.via);
  return static_cast<std::size_t>(hash ^ hash >> 29U);
}

Worker::Worker(std::size_t index, const EngineSettings& settings, runtime::Loop& loop,
               FeedBook& book, const dtls::Context& dtls, const Ntp& ntp, Listener& listener)
    : index_(index),
      settings_(settings),
      loop_(loop),
      dtls_(dtls),
      ntp_(ntp),
      listener_(listener),
      tcp_(
          loop,
          [this](MutableBytes datagram, const ice::Path& from) {
            on_datagram(datagram, from, loop_.clock().now());
          },
          [this] { finish_turn(); }),
      batch_(settings.gso,
             [this](std::uint32_t via, Bytes datagram) { return tcp_.send(via, datagram); }),
      wheel_(loop.clock().now()),
      feeds_(loop, book, [this] { finish_turn(); }),
      tasks_(loop, "rtc") {}

Worker::~Worker() = default;

// --- Sockets ---

base::Result<void> Worker::bind() {
  std::vector<stun::Address> addresses;
  for (const auto& text : settings_.bind) {
    const auto parsed = stun::Address::parse(text, 0);
    if (!parsed)
      return base::fail(base::Code::invalid_argument, "not an IP address to bind to: " + text);
    const bool any = std::ranges::all_of(parsed->ip, [](auto byte) { return byte == 0; });
    if (!any) {
      addresses.push_back(*parsed);
      continue;
    }
    // One socket for each address: an answer leaves from where the question came to.
    for (const auto& own : machine_addresses(true))
      if (own.v6 == parsed->v6) addresses.push_back(own);
  }
  if (settings_.bind.empty()) addresses = machine_addresses(true);
  if (addresses.empty())
    return base::fail(base::Code::unavailable, "this machine has no address to bind to");
  base::Result<bool> bound = false;
  for (int i = 0; i < kPortTries; ++i) {
    port_ = settings_.port == 0
                ? static_cast<std::uint16_t>(kFirstEphemeral + base::secure_seed() % kEphemerals)
                : static_cast<std::uint16_t>(settings_.port + index_);
    bound = bind_all(addresses);
    if (bound || settings_.port != 0) break;
  }
  if (!bound) return std::unexpected(bound.error());
  return {};
}

base::Result<bool> Worker::bind_all(const std::vector<stun::Address>& addresses) {
  sockets_.clear();
  tcp_.close_listeners();
  for (auto address : addresses) {
    address.port = port_;
    auto made = UdpSocket::bind(loop_.context(), address,
                                {.receive_bytes = settings_.receive_buffer_bytes,
                                 .send_bytes = settings_.send_buffer_bytes});
    // One of the machine's that is just going or coming; one that was asked for must be there.
    if (!made && made.error().code == base::Code::not_found && settings_.bind.empty()) continue;
    if (!made) return std::unexpected(made.error());
    if (settings_.tcp)
      if (auto listening = tcp_.listen(address); !listening)
        return std::unexpected(listening.error());
    sockets_.push_back(std::move(*made));
  }
  if (sockets_.empty())
    return base::fail(base::Code::unavailable, "no address of this machine can be bound to");
  return true;
}

runtime::TaskResult<bool> Worker::start() {
  if (auto bound = bind(); !bound) co_return std::unexpected(bound.error());
  std::uint16_t preference = 65'535;
  const auto offer = [&](stun::Address address) {
    address.port = port_;
    candidates_.push_back(ice::host_candidate(address, preference));
    if (settings_.tcp)
      candidates_.push_back(ice::host_candidate(address, static_cast<std::uint16_t>(preference / 2),
                                                ice::TcpType::passive));
    --preference;
  };
  for (const auto& text : settings_.announce) {
    const auto parsed = stun::Address::parse(text, port_);
    if (!parsed)
      co_return base::fail(base::Code::invalid_argument, "not an IP address to announce: " + text);
    offer(*parsed);
  }
  for (auto& socket : sockets_) {
    batch_.add_socket(socket.descriptor());
    const auto& local = socket.local();
    const bool loopback = local.v6 ? local.ip_text() == "::1" : local.ip[0] == 127;
    if (settings_.announce.empty() && (!loopback || settings_.announce_loopback)) offer(local);
  }
  auto address = std::make_shared<WorkerAddress>(WorkerAddress{.worker = index_, .port = port_});
  for (const auto& socket : sockets_) address->addresses.push_back(socket.local().ip_text());
  address_.store(std::move(address));
  for (std::size_t i = 0; i < sockets_.size(); ++i) tasks_.spawn("rtc read", read(this, i));
  tasks_.spawn("rtc poll", poll(this));
  tcp_.start();
  co_return true;
}

runtime::Task<> Worker::stop() {
  stopped_ = true;
  close_all("shutdown");
  finish_turn();
  co_await tasks_.stop();
  co_await tcp_.stop();
  bury();
  show();
  if (timer_) loop_.cancel(timer_->second);
  timer_.reset();
  sockets_.clear();
}

runtime::Task<> Worker::read(Worker* self, std::size_t index) {
  auto& socket = self->sockets_[index];
  const auto via = static_cast<std::uint32_t>(index);
  while (true) {
    co_await socket.stream().async_wait(asio::posix::stream_descriptor::wait_read,
                                        asio::use_awaitable);
    for (int turn = 0; turn < kReadsPerTurn; ++turn) {
      const auto now = self->loop_.clock().now();
      const auto count = self->receive_.read(
          socket.descriptor(), [&](MutableBytes datagram, const stun::Address& from) {
            self->on_datagram(datagram, {.remote = from, .via = via}, now);
          });
      if (count < ReceiveBuffer::kMessages) break;
    }
    self->finish_turn();
  }
}

// --- Peers ---

void Worker::on_datagram(MutableBytes datagram, const ice::Path& from, base::SteadyTime now) {
  ++counters_.received;
  counters_.received_bytes += datagram.size();
  const auto kind = rtp::kind_of(datagram);
  const auto found = by_path_.find(from);
  if (kind == rtp::PacketKind::stun) {
    // A check for somebody else may come from a known path: a client that connected anew.
    on_first_check(datagram, from, now);
  } else if (found != by_path_.end() && kind != rtp::PacketKind::unknown) {
    found->second->on_datagram(kind, datagram, from, now);
  } else {
    ++counters_.unknown;
  }
}

void Worker::on_first_check(Bytes datagram, const ice::Path& from, base::SteadyTime now) {
  const auto message = stun::Message::parse(datagram);
  const auto name = message ? message->username() : std::nullopt;
  const auto found = name ? by_ufrag_.find(std::string(ice::addressee(*name))) : by_ufrag_.end();
  if (found == by_ufrag_.end()) {
    ++counters_.unknown;
    return;
  }
  if ((from.via & kTcpBit) != 0) tcp_.keep(from.via);
  found->second->on_stun(datagram, from, now);
}

base::Result<Peer*> Worker::add(Peer::Settings settings, std::string_view offer,
                                const Peer::OpenPublication& publication) {
  if (stopped_) return base::fail(base::Code::unavailable, "the server is stopping");
  settings.worker = index_;
  settings.candidates = candidates_;
  return keep(Peer::open(std::move(settings), offer, *this, publication));
}

base::Result<Peer*> Worker::add_offering(Peer::Settings settings) {
  if (stopped_) return base::fail(base::Code::unavailable, "the server is stopping");
  settings.worker = index_;
  settings.candidates = candidates_;
  return keep(Peer::open_offering(std::move(settings), *this));
}

base::Result<Peer*> Worker::keep(base::Result<std::unique_ptr<Peer>> made) {
  if (!made) return std::unexpected(made.error());
  auto* const peer = made->get();
  by_ufrag_[peer->ufrag()] = peer;
  peers_[peer->id()] = std::move(*made);
  return peer;
}

Peer* Worker::find(const std::string& id) noexcept {
  const auto found = peers_.find(id);
  return found == peers_.end() ? nullptr : found->second.get();
}

void Worker::remap(Peer& peer) {
  by_ufrag_[peer.ufrag()] = &peer;
}

bool Worker::map(const ice::Path& path, Peer& peer) {
  // The newest to prove itself there has it: a client may connect anew from the same port.
  by_path_[path] = &peer;
  return true;
}

void Worker::unmap(const ice::Path& path, const Peer& peer) {
  const auto found = by_path_.find(path);
  if (found == by_path_.end() || found->second != &peer) return;
  by_path_.erase(found);
  if ((path.via & kTcpBit) != 0) tcp_.drop(path.via);
}

std::string Worker::local_address(const ice::Path& path) const {
  if ((path.via & kTcpBit) != 0) return ":" + std::to_string(port_);
  return path.via < sockets_.size() ? sockets_[path.via].local().text() : "";
}

void Worker::ended(Peer& peer) {
  const auto found = peers_.find(peer.id());
  if (found == peers_.end()) return;
  for (const auto& ufrag : peer.ufrags()) by_ufrag_.erase(ufrag);
  dead_.push_back(std::move(found->second));
  peers_.erase(found);
  listener_.on_peer_ended(peer);
}

void Worker::close_all(const std::string& reason) {
  std::vector<Peer*> all;
  all.reserve(peers_.size());
  for (const auto& [id, peer] : peers_) all.push_back(peer.get());
  for (auto* peer : all) peer->close(reason);
}

void Worker::bury() {
  // What lies in the batch was written by them: it leaves first, their TCP links close after.
  batch_.flush();
  const auto dead = std::move(dead_);
  dead_.clear();
}

// --- Turns ---

void Worker::finish_turn() {
  if (finishing_) return;
  finishing_ = true;
  batch_.flush();
  if (!dead_.empty() && !stopped_)
    loop_.post([this, alive = std::weak_ptr(alive_)] {
      if (!alive.expired()) bury();
    });
  const auto next = wheel_.next();
  if (next && !stopped_ && (!timer_ || *next < timer_->first)) {
    if (timer_) loop_.cancel(timer_->second);
    timer_.emplace(*next, loop_.schedule_at(*next, [this] { on_timer(); }));
  }
  const auto now = loop_.clock().now();
  if (now - shown_at_ > kShowEvery) {
    shown_at_ = now;
    show();
  }
  finishing_ = false;
}

void Worker::on_timer() {
  timer_.reset();
  wheel_.advance(loop_.clock().now());
  finish_turn();
}

runtime::Task<> Worker::poll(Worker* self) {
  while (true) {
    co_await runtime::sleep_for(self->settings_.poll_interval);
    // A few at a time: packets must not wait for statistics.
    std::vector<std::string> ids;
    ids.reserve(self->peers_.size());
    for (const auto& [id, peer] : self->peers_) ids.push_back(id);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (i % kPolledPerTurn == kPolledPerTurn - 1) co_await runtime::sleep_for(kPollPause);
      if (auto* const peer = self->find(ids[i])) self->listener_.on_peer_stats(*peer);
    }
  }
}

void Worker::show() {
  auto out = std::make_shared<Counters>(counters_);
  out->sent = batch_.counters();
  shown_.store(std::move(out));
}

Worker::Counters Worker::counters() const noexcept {
  const auto shown = shown_.load();
  return shown ? *shown : Counters{};
}

WorkerAddress Worker::address() const {
  const auto shown = address_.load();
  return shown ? *shown : WorkerAddress{.worker = index_};
}

}  // namespace telltale::rtc
