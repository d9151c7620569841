#include "rtc/peer/caller.hpp"

#include <algorithm>

#include <boost/asio/redirect_error.hpp>

#include "base/check.hpp"
#include "base/random.hpp"
#include "rtc/peer/negotiation.hpp"
#include "rtc/rtp/extensions.hpp"
#include "rtc/sdp/offer.hpp"

namespace telltale::rtc {
namespace {

namespace asio = runtime::asio;

constexpr base::Duration kDtlsAfterIce = std::chrono::seconds(5);

base::Result<dtls::Context> make_context(const base::Clock& clock,
                                         const dtls::ContextSettings& settings) {
  auto certificate = dtls::Certificate::make(clock.wall());
  if (!certificate) return std::unexpected(certificate.error());
  return dtls::Context::open(std::move(*certificate), settings);
}

}  // namespace

// --- The pool ---

CallerPool::CallerPool(runtime::Loop& loop, dtls::ContextSettings dtls)
    : loop_(loop),
      dtls_(make_context(loop.clock(), dtls)),
      ntp_(loop.clock()),
      batch_(true),
      wheel_(loop.clock().now()),
      readers_(loop, "rtc caller read", "rtc") {}

CallerPool::~CallerPool() {
  CHECK(by_via_.empty());
}

runtime::Task<> CallerPool::stop() {
  finish_turn();
  if (timer_) loop_.cancel(timer_->second);
  timer_.reset();
  co_await readers_.stop();
}

runtime::Task<> CallerPool::read(CallerPool* self, std::shared_ptr<UdpSocket> socket,
                                 std::uint32_t via) {
  while (socket->stream().is_open()) {
    boost::system::error_code closed;
    co_await socket->stream().async_wait(asio::posix::stream_descriptor::wait_read,
                                         asio::redirect_error(asio::use_awaitable, closed));
    if (closed) co_return;
    const auto now = self->loop_.clock().now();
    // Looked up each time: it may be gone after any of them.
    const auto with_caller = [&](auto&& call) {
      const auto found = self->by_via_.find(via);
      if (found != self->by_via_.end()) call(*found->second);
    };
    self->receive_.read(socket->descriptor(),
                        [&](MutableBytes datagram, const stun::Address& from) {
                          with_caller([&](Caller& caller) {
                            caller.on_datagram(datagram, {.remote = from, .via = via}, now);
                          });
                        });
    with_caller([&](Caller& caller) { caller.after(now); });
    self->finish_turn();
  }
}

void CallerPool::finish_turn() {
  batch_.flush();
  const auto next = wheel_.next();
  if (!next || (timer_ && timer_->first <= *next)) return;
  if (timer_) loop_.cancel(timer_->second);
  timer_.emplace(*next, loop_.schedule_at(*next, [this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    timer_.reset();
    wheel_.advance(loop_.clock().now());
    finish_turn();
  }));
}

// --- Offer and answer ---

Caller::Caller(CallerPool& pool, CallerSettings settings)
    : pool_(pool),
      settings_(std::move(settings)),
      local_(ice::Credentials::generate()),
      audio_{.ssrc = random_ssrc()},
      video_{.ssrc = random_ssrc(), .rtx_ssrc = random_ssrc()},
      changed_(pool.loop_) {}

Caller::~Caller() {
  close_sockets();
}

base::Result<void> Caller::open_socket(const std::string& address) {
  const auto parsed = stun::Address::parse(address, 0);
  if (!parsed) return base::fail(base::Code::invalid_argument, "not an IP address: " + address);
  auto bound =
      UdpSocket::bind(pool_.loop_.context(), *parsed, {.receive_bytes = std::size_t{512} * 1024});
  if (!bound) return std::unexpected(bound.error());
  auto socket = std::make_shared<UdpSocket>(std::move(*bound));
  const auto via = pool_.batch_.add_socket(socket->descriptor());
  pool_.by_via_[via] = this;
  sockets_.emplace_back(via, socket);
  pool_.readers_.spawn(CallerPool::read(&pool_, socket, via));
  return {};
}

void Caller::close_sockets() {
  pool_.batch_.flush();
  for (const auto& [via, socket] : sockets_) {
    pool_.by_via_.erase(via);
    pool_.batch_.remove_socket(via);
    boost::system::error_code ignored;
    socket->stream().close(ignored);  // ends its reader
  }
  sockets_.clear();
}

base::Result<std::vector<ice::Candidate>> Caller::open_sockets() {
  if (!pool_.dtls_) return std::unexpected(pool_.dtls_.error());
  for (const auto& address : settings_.bind)
    if (auto opened = open_socket(address); !opened) return std::unexpected(opened.error());
  std::vector<ice::Candidate> out;
  std::uint16_t preference = 65'535;
  for (const auto& [via, socket] : sockets_) {
    const auto& local = socket->local();
    const bool any = std::ranges::all_of(local.ip, [](auto byte) { return byte == 0; });
    if (!any) out.push_back(ice::host_candidate(local, preference--));
  }
  return out;
}

base::Result<std::string> Caller::offer() {
  auto candidates = open_sockets();
  if (!candidates) return std::unexpected(candidates.error());
  sdp::OfferSettings offer{
      .ice = local_,
      .fingerprint = to_sdp(pool_.dtls_->fingerprint()),
      .candidates = std::move(*candidates),
      .session_id = base::secure_seed() >> 1U,
      .extensions = settings_.extensions.empty() ? known_extensions() : settings_.extensions,
      .data = settings_.data};
  const auto direction = settings_.sends ? sdp::Direction::send_only : sdp::Direction::receive_only;
  if (settings_.video)
    offer.media.push_back({.kind = sdp::Kind::video,
                           .direction = direction,
                           .codecs = settings_.video_codecs,
                           .source = settings_.sends ? video_ : sdp::LocalSource{}});
  if (settings_.audio)
    offer.media.push_back({.kind = sdp::Kind::audio,
                           .direction = direction,
                           .codecs = {"opus"},
                           .source = settings_.sends ? audio_ : sdp::LocalSource{}});
  offered_ = sdp::offer(offer);
  for (auto& media : offered_.media) {
    if (!settings_.rtx)
      std::erase_if(media.codecs, [](const sdp::Codec& codec) { return codec.is("rtx"); });
    if (!settings_.transport_cc)
      for (auto& codec : media.codecs) std::erase(codec.feedback, "transport-cc");
  }
  return offered_.text();
}

base::Result<void> Caller::accept(std::string_view answer) {
  auto description = sdp::Description::parse(answer);
  if (!description) return std::unexpected(description.error());
  auto plan = sdp::read_answer(offered_, *description);
  if (!plan) return std::unexpected(plan.error());
  return begin(std::move(*plan));
}

base::Result<std::string> Caller::answer(std::string_view offer) {
  auto description = sdp::Description::parse(offer);
  if (!description) return std::unexpected(description.error());
  auto candidates = open_sockets();
  if (!candidates) return std::unexpected(candidates.error());
  auto answered = sdp::answer(
      *description,
      {.ice = local_,
       .fingerprint = to_sdp(pool_.dtls_->fingerprint()),
       .ice_lite = false,
       .prefers_dtls_client = true,
       .candidates = std::move(*candidates),
       .session_id = base::secure_seed() >> 1U,
       .sends = settings_.sends,
       .receives = !settings_.sends,
       .video_codecs = settings_.video_codecs,
       .extensions = settings_.extensions.empty() ? known_extensions() : settings_.extensions,
       .data = settings_.data,
       .audio = audio_,
       .video = video_});
  if (!answered) return std::unexpected(answered.error());
  if (auto begun = begin(std::move(answered->plan)); !begun) return std::unexpected(begun.error());
  return answered->description.text();
}

base::Result<void> Caller::begin(sdp::Plan plan) {
  const auto now = pool_.loop_.clock().now();
  began_ = now;
  plan_ = std::move(plan);
  auto settings = session_settings(plan_, audio_, video_);
  settings.receive.keeps_payload = settings_.keeps_payload;
  settings.receive.slots = settings_.slots;
  settings.dtls.handshake_timeout = settings_.ice.patience + kDtlsAfterIce;
  settings.send.congestion.rates.start_bps = settings_.start_bps;
  if (plan_.data)
    settings.make_data = [this](DataPath::Send send) {
      auto made = std::make_unique<DataLink>(plan_, std::move(send),
                                             static_cast<DataLink::Listener&>(*this));
      data_ = made.get();
      return made;
    };
  auto session =
      Session::open(*pool_.dtls_, std::move(settings), pool_.batch_, pool_.ntp_, *this, now);
  if (!session) return std::unexpected(session.error());
  session_ = std::move(*session);
  auto ice = settings_.ice;
  ice.tie_breaker = base::secure_seed();
  ice.seed = base::secure_seed();
  std::vector<ice::Agent::Local> locals;
  locals.reserve(sockets_.size());
  std::uint16_t preference = 65'535;
  for (const auto& [via, socket] : sockets_)
    locals.push_back({.via = via,
                      .v6 = socket->local().v6,
                      .priority = ice::priority_of(ice::CandidateType::host, preference--)});
  agent_.emplace(ice, local_, std::move(locals), now);
  agent_->set_remote(plan_.remote_ice);
  for (const auto& candidate : plan_.remote_candidates) agent_->add_remote(candidate);
  if (plan_.remote_complete) agent_->end_of_candidates();
  after(now);
  pool_.finish_turn();
  return {};
}

std::string Caller::restart() {
  local_ = ice::Credentials::generate();
  sdp::Fragment fragment{.ice = local_};
  return fragment.text();
}

base::Result<void> Caller::accept_restart(std::string_view text) {
  auto fragment = sdp::Fragment::parse(text);
  if (!fragment) return std::unexpected(fragment.error());
  if (!fragment->ice) return base::fail(base::Code::invalid_argument, "no credentials in it");
  const auto now = pool_.loop_.clock().now();
  agent_->restart(local_, *fragment->ice, now);
  bool any = false;
  for (const auto& media : fragment->media)
    for (const auto& candidate : media.candidates) any = agent_->add_remote(candidate) || any;
  if (!any)
    for (const auto& candidate : plan_.remote_candidates) agent_->add_remote(candidate);
  after(now);
  pool_.finish_turn();
  return {};
}

base::Result<void> Caller::change_address() {
  const auto now = pool_.loop_.clock().now();
  std::vector<std::string> addresses;
  addresses.reserve(sockets_.size());
  for (const auto& [via, socket] : sockets_) addresses.push_back(socket->local().ip_text());
  close_sockets();
  for (const auto& address : addresses)
    if (auto opened = open_socket(address); !opened) return opened;
  auto ice = settings_.ice;
  ice.tie_breaker = base::secure_seed();
  std::vector<ice::Agent::Local> locals;
  locals.reserve(sockets_.size());
  for (const auto& [via, socket] : sockets_)
    locals.push_back({.via = via,
                      .v6 = socket->local().v6,
                      .priority = ice::priority_of(ice::CandidateType::host, 65'535)});
  agent_.emplace(ice, local_, std::move(locals), now);
  agent_->set_remote(plan_.remote_ice);
  for (const auto& candidate : plan_.remote_candidates) agent_->add_remote(candidate);
  after(now);
  pool_.finish_turn();
  return {};
}

void Caller::close() {
  if (closed_) return;
  if (session_)
    session_->close(pool_.loop_.clock().now());
  else
    end("");
  pool_.finish_turn();
}

// --- Packets and time ---

void Caller::on_datagram(MutableBytes datagram, const ice::Path& from, base::SteadyTime now) {
  if (!agent_ || closed_) return;
  const auto kind = rtp::kind_of(datagram);
  if (kind == rtp::PacketKind::stun) {
    const auto out = pool_.batch_.reserve();
    const auto size = agent_->on_packet(datagram, from, now, out);
    if (size > 0) pool_.batch_.commit(from, size);
    after(now);  // the handshake may begin, and come, with the next one
  } else if (kind != rtp::PacketKind::unknown) {
    const auto selected = agent_->selected();
    if (!selected || selected->remote != from.remote) return;
    if (kind == rtp::PacketKind::rtp && !report_.first_packet) report_.first_packet = now - began_;
    session_->on_datagram(kind, datagram, from, now);
  }
}

void Caller::on_due(base::SteadyTime now) {
  if (closed_) return;
  if (session_) session_->on_time(now);
  after(now);
}

void Caller::send_checks(base::SteadyTime now) {
  while (true) {
    const auto out = pool_.batch_.reserve();
    const auto check = agent_->poll(now, out);
    if (!check) return;
    pool_.batch_.commit(check->path, check->size);
  }
}

void Caller::look_at_ice(base::SteadyTime now) {
  const auto state = agent_->state();
  if (state == ice::Agent::State::failed) return end("ICE found no way to the server");
  if (state == ice::Agent::State::expired) return end("the server's consent ended");
  if (const auto trip = agent_->round_trip()) {
    report_.round_trip = trip;
    session_->receiving().set_round_trip(*trip);
  }
  const auto selected = agent_->selected();
  if (!selected) return;
  session_->set_path(selected);
  if (report_.ice) return;
  report_.ice = now - began_;
  session_->start(now);
}

void Caller::after(base::SteadyTime now) {
  if (closed_ || !agent_) return;
  send_checks(now);
  look_at_ice(now);
  if (closed_) return;
  session_->drain(now);
  auto next = session_->next_deadline();
  if (const auto at = agent_->next_deadline()) next = std::min(next, *at);
  pool_.wheel_.arm(*this, next);
  changed_.notify_all();
}

void Caller::end(const std::string& error) {
  if (closed_) return;
  closed_ = true;
  error_ = error;
  pool_.wheel_.disarm(*this);
  changed_.notify_all();
}

// --- The session's word ---

void Caller::on_session_connected(base::SteadyTime now) {
  report_.dtls = now - began_;
  changed_.notify_all();
}

void Caller::on_session_closed(const std::optional<base::Error>& error) {
  end(error ? error->detail : "");
}

void Caller::on_session_frame(InboundStream& stream, const rtp::AssembledFrame& frame,
                              base::SteadyTime now) {
  if (stream.codec() == Codec::opus) {
    ++report_.audio_frames;
  } else {
    ++report_.video_frames;
    if (frame.key) ++report_.key_frames;
    if (!report_.first_frame) report_.first_frame = now - began_;
  }
  if (take_) take_(stream, frame);
}

void Caller::on_message(DataLink&, sctp::ChannelId id, const std::string& label, DataLink::Kind,
                        Bytes message) {
  if (take_message_) take_message_(id, label, message);
  changed_.notify_all();
}

base::Result<sctp::ChannelId> Caller::open_channel(sctp::ChannelSettings settings) {
  if (data_ == nullptr) return base::fail(base::Code::conflict, "no data channels were negotiated");
  const auto now = pool_.loop_.clock().now();
  auto opened = data_->open(std::move(settings), now);
  after(now);
  pool_.finish_turn();
  return opened;
}

base::Result<void> Caller::send(sctp::ChannelId id, DataLink::Kind kind, Bytes message) {
  if (data_ == nullptr) return base::fail(base::Code::conflict, "no data channels were negotiated");
  const auto now = pool_.loop_.clock().now();
  auto sent = data_->send(id, kind, message, now);
  after(now);
  pool_.finish_turn();
  return sent;
}

void Caller::push(const MediaFrame& frame) {
  if (!connected()) return;
  const auto packed = pack(frame, ++frame_index_);
  if (!packed) return;
  const auto now = pool_.loop_.clock().now();
  session_->sending().push(packed, now);
  after(now);
  pool_.finish_turn();
}

runtime::Task<bool> Caller::wait_until(std::function<bool(const Caller&)> reached,
                                       base::Duration limit) {
  const auto until = pool_.loop_.clock().now() + limit;
  while (!reached(*this)) {
    const auto left = until - pool_.loop_.clock().now();
    if (left <= base::Duration::zero()) co_return false;
    co_await changed_.wait_for(left);
  }
  co_return true;
}

CallerReport Caller::report() {
  auto out = report_;
  out.connected = connected();
  out.closed = closed_;
  out.error = error_;
  if (!session_) return out;
  session_->fill(out.stats);
  for (auto& stream : session_->receiving().streams())
    (stream.codec() == Codec::opus ? out.audio_gaps : out.video_gaps) += stream.gaps();
  return out;
}

}  // namespace telltale::rtc
