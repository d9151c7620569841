#include "simulate/link_relay.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "rtc/sdp/description.hpp"
#include "rtc/transport/udp_batch.hpp"

namespace telltale::simulate {
namespace {

namespace asio = runtime::asio;

constexpr std::size_t kHeldMax = 20'000;  // packets under way
constexpr std::uint64_t kUpSeed = 0x9e3779b97f4a7c15ULL;

rtc::stun::Address any_port(const rtc::stun::Address& like, bool loopback) {
  rtc::stun::Address out{.v6 = like.v6};
  if (loopback && like.v6) out.ip[15] = 1;
  if (loopback && !like.v6) out.ip = {127, 0, 0, 1};
  return out;
}

}  // namespace

base::Result<std::unique_ptr<LinkRelay>> LinkRelay::open(runtime::Loop& loop,
                                                         const LinkProfile& profile,
                                                         std::uint64_t seed,
                                                         const rtc::stun::Address& server) {
  auto near = rtc::UdpSocket::bind(loop.context(), any_port(server, true), {});
  if (!near) return std::unexpected(near.error());
  auto far = rtc::UdpSocket::bind(loop.context(), any_port(server, false), {});
  if (!far) return std::unexpected(far.error());
  std::unique_ptr<LinkRelay> out(
      new LinkRelay(loop, profile, seed, server, std::move(*near), std::move(*far)));
  out->tasks_.spawn("simulate.link", read(out.get(), kDown));
  out->tasks_.spawn("simulate.link", read(out.get(), kUp));
  return out;
}

LinkRelay::LinkRelay(runtime::Loop& loop, const LinkProfile& profile, std::uint64_t seed,
                     const rtc::stun::Address& server, rtc::UdpSocket near, rtc::UdpSocket far)
    : loop_(loop),
      profile_(profile),
      server_(server),
      near_(std::move(near)),
      far_(std::move(far)),
      links_{rtc::congestion::LinkModel(profile.down, seed),
             rtc::congestion::LinkModel(profile.up, seed ^ kUpSeed)},
      began_(loop.clock().now()),
      tasks_(loop, "link of a simulated viewer") {}

LinkRelay::~LinkRelay() {
  if (timer_) loop_.cancel(*timer_);
}

runtime::Task<> LinkRelay::stop() {
  co_await tasks_.stop();
}

runtime::Task<> LinkRelay::read(LinkRelay* self, Direction direction) {
  auto& socket = direction == kDown ? self->far_ : self->near_;
  for (;;) {
    co_await socket.stream().async_wait(asio::posix::stream_descriptor::wait_read,
                                        asio::use_awaitable);
    const auto now = self->loop_.clock().now();
    self->follow_steps(now);
    self->buffer_.read(socket.descriptor(),
                       [&](rtc::MutableBytes datagram, const rtc::stun::Address& from) {
                         self->take(direction, datagram, from, now);
                       });
    self->arm();
  }
}

void LinkRelay::take(Direction direction, rtc::MutableBytes datagram,
                     const rtc::stun::Address& from, base::SteadyTime now) {
  if (direction == kUp)
    viewer_ = from;
  else if (from != server_)
    return;
  const auto arrivals = links_[direction].offer(datagram.size(), now);
  if (arrivals.empty() || held_.size() >= kHeldMax) return;
  const auto bytes =
      std::make_shared<const std::vector<std::uint8_t>>(datagram.begin(), datagram.end());
  for (const auto at : arrivals) held_.emplace(at, Held{direction, bytes});
}

void LinkRelay::follow_steps(base::SteadyTime now) {
  if (profile_.steps.empty()) return;
  const auto at = (now - began_) % profile_.period;
  std::size_t step = 0;
  while (step + 1 < profile_.steps.size() && profile_.steps[step + 1].after <= at) ++step;
  if (step == step_) return;
  step_ = step;
  links_[kDown].set_rate(profile_.steps[step].rate_bps);
  links_[kDown].set_loss(profile_.steps[step].loss);
}

void LinkRelay::release() {
  const auto now = loop_.clock().now();
  while (!held_.empty() && held_.begin()->first <= now) {
    const auto& [direction, bytes] = held_.begin()->second;
    const auto& to = direction == kUp ? std::optional(server_) : viewer_;
    if (to) {
      sockaddr_storage address = {};
      const auto length = rtc::to_sockaddr(*to, address);
      auto& socket = direction == kUp ? far_ : near_;
      // A full buffer loses the datagram, as a network would.
      (void)::sendto(socket.descriptor(), bytes->data(), bytes->size(), MSG_DONTWAIT,
                     reinterpret_cast<const sockaddr*>(&address), length);
    }
    held_.erase(held_.begin());
  }
}

void LinkRelay::arm() {
  release();
  if (held_.empty()) return;
  const auto next = held_.begin()->first;
  if (timer_ && timer_->first <= next) return;
  if (timer_) loop_.cancel(*timer_);
  timer_ = loop_.schedule_at(next, [this] {
    timer_.reset();
    arm();
  });
}

base::Result<std::string> behind_link(const std::string& answer, runtime::Loop& loop,
                                      const LinkProfile& profile, std::uint64_t seed,
                                      std::unique_ptr<LinkRelay>& link) {
  if (!profile.shaped) return answer;
  auto description = rtc::sdp::Description::parse(answer);
  if (!description) return std::unexpected(description.error());
  for (auto& media : description->media) {
    std::optional<rtc::ice::Candidate> kept;
    for (const auto& candidate : media.candidates) {
      const auto address = candidate.address();
      if (candidate.transport != rtc::ice::Transport::udp || !address) continue;
      if (!link) {
        auto opened = LinkRelay::open(loop, profile, seed, *address);
        if (!opened) return std::unexpected(opened.error());
        link = std::move(*opened);
      }
      kept = candidate;
      kept->host = link->address().ip_text();
      kept->port = link->address().port;
      break;
    }
    media.candidates.clear();
    if (kept) media.candidates.push_back(std::move(*kept));
  }
  if (!link)
    return base::fail(base::Code::invalid_argument,
                      "the answer has no UDP candidate to go through");
  return description->text();
}

}  // namespace telltale::simulate
