// A UDP relay that behaves like a bad link, for tests with real peers: this kernel has no netem.
//
//   lossy_link --listen 127.0.0.1:0 --to 127.0.0.1:5000 --seed 7 --delay-ms 40 --loss 0.02 …
//
// Clients talk to the listening address, each gets a socket of its own towards `--to`; answers go
// back the same way. Both directions pass a LinkModel of the same settings (src/rtc/congestion), so
// the n-th packet of a direction has the same fate for the same seed; a rate and its queue are
// shared by all clients of a direction, as on a real link. Prints `{"port":…}` when it listens, and
// its statistics as JSON when stdin closes or SIGTERM or SIGINT comes. Lines on stdin change it
// while it runs: `rate-kbps N`, `loss P`, `forget` (the highest queue so far), and `counts` prints
// the statistics so far. One thread.
#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rtc/congestion/link_model.hpp"

namespace {

using telltale::base::Duration;
using telltale::base::SteadyTime;
using telltale::rtc::congestion::LinkCounts;
using telltale::rtc::congestion::LinkModel;
using telltale::rtc::congestion::LinkSettings;

constexpr std::size_t kClientsMax = 1'000;
constexpr std::size_t kHeldMax = 100'000;  // packets under way
constexpr std::size_t kLineMax = 100;      // of a command
constexpr std::size_t kDirections = 2;     // 0: towards --to, 1: back

struct Options {
  sockaddr_in listen = {};
  sockaddr_in to = {};
  std::uint64_t seed = 1;
  LinkSettings link = {};
};

[[noreturn]] void refuse(std::string_view why) {
  std::fprintf(stderr,
               "lossy_link: %.*s\n"
               "options: --listen HOST:PORT --to HOST:PORT --seed N --delay-ms N --jitter-ms N\n"
               "  --loss P --burst-start P --burst-packets N --reorder P --reorder-ms N\n"
               "  --duplicate P --rate-kbps N --queue-ms N\n",
               static_cast<int>(why.size()), why.data());
  std::exit(2);
}

double number(std::string_view name, std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(value >= 0) || value > 1e12)
    refuse(std::string(name) + " needs a number");
  return value;
}

sockaddr_in address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) refuse("an address is HOST:PORT");
  const auto port = number("a port", text.substr(colon + 1));
  sockaddr_in made{.sin_family = AF_INET, .sin_port = htons(static_cast<std::uint16_t>(port))};
  if (::inet_pton(AF_INET, std::string(text.substr(0, colon)).c_str(), &made.sin_addr) != 1)
    refuse("an IPv4 address");
  return made;
}

Options read_options(std::span<char*> arguments) {
  Options options;
  options.listen = address("127.0.0.1:0");
  bool has_target = false;
  const auto ms = [](double value) {
    return Duration(static_cast<Duration::rep>(value * 1'000'000));
  };
  for (std::size_t i = 1; i < arguments.size(); i += 2) {
    const std::string_view name = arguments[i];
    if (i + 1 == arguments.size()) refuse(std::string(name) + " needs a value");
    const std::string_view value = arguments[i + 1];
    auto& link = options.link;
    if (name == "--listen") {
      options.listen = address(value);
    } else if (name == "--to") {
      options.to = address(value);
      has_target = true;
    } else if (name == "--seed") {
      options.seed = static_cast<std::uint64_t>(number(name, value));
    } else if (name == "--delay-ms") {
      link.delay = ms(number(name, value));
    } else if (name == "--jitter-ms") {
      link.jitter = ms(number(name, value));
    } else if (name == "--loss") {
      link.loss = number(name, value);
    } else if (name == "--burst-start") {
      link.burst_start = number(name, value);
    } else if (name == "--burst-packets") {
      link.burst_packets = number(name, value);
    } else if (name == "--reorder") {
      link.reorder = number(name, value);
    } else if (name == "--reorder-ms") {
      link.reorder_delay = ms(number(name, value));
    } else if (name == "--duplicate") {
      link.duplicate = number(name, value);
    } else if (name == "--rate-kbps") {
      link.rate_bps = static_cast<std::int64_t>(number(name, value) * 1000);
    } else if (name == "--queue-ms") {
      link.queue_max = ms(number(name, value));
    } else {
      refuse("no such option: " + std::string(name));
    }
  }
  if (!has_target) refuse("--to is missing");
  return options;
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {
    if (fd_ < 0) refuse(std::strerror(errno));
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { ::close(fd_); }
  int get() const { return fd_; }

 private:
  int fd_;
};

// With room for a burst: what overflows here would be lost without being counted.
int udp_socket() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int bytes = 4 << 20;
  ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  return fd;
}

struct Client {
  sockaddr_in address = {};
  Descriptor towards{udp_socket()};
};

struct Held {
  std::size_t direction = 0;
  std::size_t client = 0;
  std::shared_ptr<const std::vector<char>> bytes = {};
};

class Relay {
 public:
  explicit Relay(const Options& options)
      : options_(options),
        listening_(udp_socket()),
        links_{LinkModel(options.link, options.seed * 2),
               LinkModel(options.link, options.seed * 2 + 1)} {
    if (::bind(listening_.get(), reinterpret_cast<const sockaddr*>(&options.listen),
               sizeof options.listen) != 0)
      refuse(std::strerror(errno));
    sockaddr_in here{};
    socklen_t size = sizeof here;
    ::getsockname(listening_.get(), reinterpret_cast<sockaddr*>(&here), &size);
    std::printf("{\"port\":%u}\n", unsigned{ntohs(here.sin_port)});
    std::fflush(stdout);
  }

  void run() {
    sigset_t signals{};
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGTERM);
    ::sigaddset(&signals, SIGINT);
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    const Descriptor stop(::signalfd(-1, &signals, SFD_CLOEXEC));
    std::vector<pollfd> ready;
    while (true) {
      ready.assign({{.fd = stop.get(), .events = POLLIN},
                    {.fd = STDIN_FILENO, .events = POLLIN},
                    {.fd = listening_.get(), .events = POLLIN}});
      for (const auto& client : clients_)
        ready.push_back({.fd = client->towards.get(), .events = POLLIN});
      const auto wait = timeout();
      if (::ppoll(ready.data(), ready.size(), wait ? &*wait : nullptr, nullptr) < 0) return;
      if (ready[0].revents != 0) return;
      if (ready[1].revents != 0 && !obey_stdin()) return;
      const auto now = clock_.now();
      if (ready[2].revents != 0) take(0, 0, listening_.get(), now);
      for (std::size_t i = 3; i < ready.size(); ++i)
        if (ready[i].revents != 0) take(1, i - 3, ready[i].fd, now);
      release(clock_.now());
    }
  }

  void print_counts() const {
    std::printf("{\"clients\":%zu,\"unsent\":%llu,", clients_.size(),
                static_cast<unsigned long long>(unsent_));
    print("there", links_[0].counts());
    std::printf(",");
    print("back", links_[1].counts());
    std::printf("}\n");
    std::fflush(stdout);
  }

 private:
  bool obey_stdin() {
    std::array<char, 256> bytes{};
    const auto got = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (got <= 0) return false;
    for (const char byte : std::string_view(bytes.data(), static_cast<std::size_t>(got))) {
      if (byte != '\n' && typed_.size() < kLineMax) typed_ += byte;
      if (byte != '\n') continue;
      obey(typed_);
      typed_.clear();
    }
    return true;
  }

  void obey(std::string_view line) {
    const auto space = line.find(' ');
    const auto word = line.substr(0, space);
    const auto value = space == std::string_view::npos ? "" : line.substr(space + 1);
    for (auto& link : links_) {
      if (word == "rate-kbps")
        link.set_rate(static_cast<std::int64_t>(number(word, value) * 1000));
      else if (word == "loss")
        link.set_loss(number(word, value));
      else if (word == "forget")
        link.forget_queue_peak();
    }
    if (word == "counts") print_counts();
  }

  std::optional<timespec> timeout() const {
    if (held_.empty()) return {};
    const auto wait = std::max(Duration(0), held_.begin()->first - clock_.now());
    return timespec{.tv_sec = wait / std::chrono::seconds(1),
                    .tv_nsec = (wait % std::chrono::seconds(1)).count()};
  }

  std::optional<std::size_t> client_of(const sockaddr_in& from) {
    const auto found = std::ranges::find_if(clients_, [&](const auto& client) {
      return client->address.sin_addr.s_addr == from.sin_addr.s_addr &&
             client->address.sin_port == from.sin_port;
    });
    if (found != clients_.end()) return static_cast<std::size_t>(found - clients_.begin());
    if (clients_.size() == kClientsMax) return {};
    clients_.push_back(std::make_unique<Client>());
    clients_.back()->address = from;
    if (::connect(clients_.back()->towards.get(), reinterpret_cast<const sockaddr*>(&options_.to),
                  sizeof options_.to) != 0)
      refuse(std::strerror(errno));
    return clients_.size() - 1;
  }

  void take(std::size_t direction, std::size_t client, int fd, SteadyTime now) {
    std::array<char, 65'536> buffer;  // NOLINT(*-init-variables): recvfrom writes it
    while (true) {
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const auto got = ::recvfrom(fd, buffer.data(), buffer.size(), 0,
                                  reinterpret_cast<sockaddr*>(&from), &size);
      if (got < 0) return;  // nothing more, or the target is not there (yet)
      if (direction == 0) {
        const auto known = client_of(from);
        if (!known) continue;
        client = *known;
      }
      const auto arrivals = links_[direction].offer(static_cast<std::size_t>(got), now);
      if (arrivals.empty() || held_.size() >= kHeldMax) continue;
      const auto bytes =
          std::make_shared<const std::vector<char>>(buffer.begin(), buffer.begin() + got);
      for (const auto at : arrivals)
        held_.emplace(at, Held{.direction = direction, .client = client, .bytes = bytes});
    }
  }

  void release(SteadyTime now) {
    while (!held_.empty() && held_.begin()->first <= now) {
      const auto& packet = held_.begin()->second;
      const auto& client = *clients_[packet.client];
      const auto sent =
          packet.direction == 0
              ? ::send(client.towards.get(), packet.bytes->data(), packet.bytes->size(), 0)
              : ::sendto(listening_.get(), packet.bytes->data(), packet.bytes->size(), 0,
                         reinterpret_cast<const sockaddr*>(&client.address), sizeof client.address);
      if (sent < 0) ++unsent_;
      held_.erase(held_.begin());
    }
  }

  static void print(const char* name, const LinkCounts& counts) {
    const auto put = [](const char* key, std::uint64_t value, const char* after) {
      std::printf("\"%s\":%llu%s", key, static_cast<unsigned long long>(value), after);
    };
    std::printf("\"%s\":{", name);
    put("offered", counts.offered, ",");
    put("delivered", counts.delivered, ",");
    put("lost", counts.lost, ",");
    put("lost_in_bursts", counts.lost_in_bursts, ",");
    put("overflowed", counts.overflowed, ",");
    put("reordered", counts.reordered, ",");
    put("duplicated", counts.duplicated, ",");
    put("bytes_delivered", counts.bytes_delivered, ",");
    std::printf("\"queue_ms_max\":%.3f}", telltale::base::to_ms(counts.queue_delay_max));
  }

  Options options_;
  telltale::base::SystemClock clock_;
  Descriptor listening_;
  std::array<LinkModel, kDirections> links_;
  std::vector<std::unique_ptr<Client>> clients_ = {};
  std::multimap<SteadyTime, Held> held_ = {};
  std::uint64_t unsent_ = 0;
  std::string typed_ = {};
};

}  // namespace

int main(int argc, char** argv) {
  Relay relay(read_options({argv, static_cast<std::size_t>(argc)}));
  relay.run();
  relay.print_counts();
}
