// LinkRelay: one viewer's link, as a UDP relay between it and the server's media address. Packets
// of each direction pass a LinkModel, so the n-th has the same fate for the same seed. On its
// loop; stop() before it goes.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "rtc/congestion/link_model.hpp"
#include "rtc/transport/udp_socket.hpp"
#include "runtime/task_group.hpp"
#include "simulate/link_profile.hpp"

namespace telltale::simulate {

class LinkRelay {
 public:
  // unavailable: no socket.
  static base::Result<std::unique_ptr<LinkRelay>> open(runtime::Loop& loop,
                                                       const LinkProfile& profile,
                                                       std::uint64_t seed,
                                                       const rtc::stun::Address& server);
  LinkRelay(const LinkRelay&) = delete;
  LinkRelay& operator=(const LinkRelay&) = delete;
  ~LinkRelay();

  // What the viewer is told instead of the server's.
  const rtc::stun::Address& address() const noexcept { return near_.local(); }
  const rtc::congestion::LinkCounts& down() const noexcept { return links_[kDown].counts(); }
  const rtc::congestion::LinkCounts& up() const noexcept { return links_[kUp].counts(); }
  runtime::Task<> stop();

 private:
  enum Direction : std::uint8_t { kDown, kUp };
  struct Held {
    Direction direction;
    std::shared_ptr<const std::vector<std::uint8_t>> bytes;
  };
  LinkRelay(runtime::Loop& loop, const LinkProfile& profile, std::uint64_t seed,
            const rtc::stun::Address& server, rtc::UdpSocket near, rtc::UdpSocket far);
  static runtime::Task<> read(LinkRelay* self, Direction direction);
  void take(Direction direction, rtc::MutableBytes datagram, const rtc::stun::Address& from,
            base::SteadyTime now);
  void follow_steps(base::SteadyTime now);
  void release();
  void arm();

  runtime::Loop& loop_;
  LinkProfile profile_;
  rtc::stun::Address server_;
  rtc::UdpSocket near_;  // towards the viewer
  rtc::UdpSocket far_;   // towards the server
  std::optional<rtc::stun::Address> viewer_;
  std::array<rtc::congestion::LinkModel, 2> links_;
  rtc::ReceiveBuffer buffer_;
  std::multimap<base::SteadyTime, Held> held_;
  std::optional<runtime::Loop::TimerKey> timer_;
  base::SteadyTime began_;
  std::size_t step_ = 0;
  runtime::TaskGroup tasks_;
};

// The answer of a server as a viewer behind such a link is to see it: the first UDP candidate is
// our end of `link`, which is opened, and the others are gone. Without a link: the answer as it is.
base::Result<std::string> behind_link(const std::string& answer, runtime::Loop& loop,
                                      const LinkProfile& profile, std::uint64_t seed,
                                      std::unique_ptr<LinkRelay>& link);

}  // namespace telltale::simulate
