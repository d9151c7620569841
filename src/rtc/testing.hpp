// For the tests of the engine: an Engine and Callers on one loop in virtual time, over real sockets
// of the loopback; a link between them that loses and delays packets by its seed.
#pragma once

#include <gtest/gtest.h>

#include "rtc/congestion/link_model.hpp"
#include "rtc/engine.hpp"
#include "rtc/live_test_source.hpp"
#include "rtc/peer/caller.hpp"
#include "runtime/testing.hpp"

namespace telltale::rtc {

using namespace std::chrono_literals;

class CollectedEvents final : public runtime::EventSink {
 public:
  void publish(runtime::Event event) override {
    events_.with([&](auto& events) { events.push_back(std::move(event)); });
  }
  std::vector<runtime::Event> of(std::string_view type) const {
    return events_.with([&](const auto& all) {
      std::vector<runtime::Event> out;
      std::ranges::copy_if(all, std::back_inserter(out),
                           [&](const auto& event) { return event.type == type; });
      return out;
    });
  }

 private:
  base::Guarded<std::vector<runtime::Event>> events_;
};

inline TestSource::Settings made_up_media(std::vector<std::int64_t> rungs = {400'000, 1'000'000,
                                                                             2'000'000},
                                          std::uint32_t first_timestamp = 0) {
  TestSource::Settings out{.first_timestamp = first_timestamp, .keys_on_request = true};
  const std::array<std::string, 4> names = {"low", "medium", "high", "best"};
  for (std::size_t i = 0; i < rungs.size(); ++i)
    for (const auto codec : {Codec::h264, Codec::vp8})
      out.video.push_back({.rendition = {.name = names[i],
                                         .width = static_cast<int>(320 << i),
                                         .height = static_cast<int>(180 << i),
                                         .frame_rate = 30,
                                         .bitrate_bps = rungs[i],
                                         .codecs = {codec}},
                           .frames = made_up_video(codec, rungs[i], 30, 60, i + 1)});
  out.audio = made_up_audio(50, 9);
  return out;
}

// Between callers and the engine: one direction each way, sockets of its own, virtual time.
class TestLink {
 public:
  TestLink(runtime::Loop& loop, std::uint16_t server_port, const congestion::LinkSettings& settings,
           std::uint64_t seed)
      : loop_(loop),
        server_(*stun::Address::parse("127.0.0.1", server_port)),
        models_{congestion::LinkModel(settings, seed), congestion::LinkModel(settings, seed + 1)},
        batch_(false),
        group_(loop, "test link") {
    front_ = open();
    front_via_ = batch_.add_socket(front_->descriptor());
    group_.spawn("front", read(this, front_, 0));
  }
  std::uint16_t port() const { return front_->local().port; }
  congestion::LinkModel& to_server() { return models_[0]; }
  congestion::LinkModel& to_client() { return models_[1]; }
  void cut() { cut_ = true; }
  // What is changed or looked at on its way; false: it is dropped. Direction 0 is to the server.
  std::function<bool(int direction, std::vector<std::uint8_t>& datagram)> tamper = {};
  runtime::Task<> stop() { co_await group_.stop(); }
  // As if from the client's address, or from somebody else's when `from` is new.
  void inject(Bytes datagram) {
    batch_.send({.remote = server_, .via = clients_.begin()->second.via}, datagram);
    batch_.flush();
  }

  // An answer whose candidates lead here.
  static std::string through(const std::string& sdp, std::uint16_t from, std::uint16_t to) {
    std::string out;
    std::string_view rest = sdp;
    while (!rest.empty()) {
      const auto end = rest.find("\r\n");
      std::string line(rest.substr(0, end));
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 2);
      if (line.starts_with("a=candidate:")) {
        if (line.find(" tcp ") != std::string::npos || line.find(" TCP ") != std::string::npos ||
            line.find(" 127.0.0.1 ") == std::string::npos)
          continue;
        const auto text = " " + std::to_string(from) + " typ";
        line.replace(line.find(text), text.size(), " " + std::to_string(to) + " typ");
      }
      out += line + "\r\n";
    }
    return out;
  }

 private:
  struct Client {
    std::shared_ptr<UdpSocket> socket;
    std::uint32_t via = 0;
  };
  std::shared_ptr<UdpSocket> open() {
    auto made = UdpSocket::bind(loop_.context(), *stun::Address::parse("127.0.0.1", 0), {});
    CHECK(made);
    return std::make_shared<UdpSocket>(std::move(*made));
  }
  static runtime::Task<> read(TestLink* self, std::shared_ptr<UdpSocket> socket, int direction,
                              stun::Address client = {}) {
    ReceiveBuffer buffer;
    while (true) {
      co_await socket->stream().async_wait(boost::asio::posix::stream_descriptor::wait_read,
                                           runtime::asio::use_awaitable);
      buffer.read(socket->descriptor(), [&](MutableBytes datagram, const stun::Address& from) {
        self->take(direction, datagram, direction == 0 ? from : client);
      });
    }
  }
  void take(int direction, Bytes datagram, const stun::Address& client) {
    if (cut_) return;
    std::vector<std::uint8_t> bytes(datagram.begin(), datagram.end());
    if (tamper && !tamper(direction, bytes)) return;
    const auto now = loop_.clock().now();
    for (const auto at : models_[static_cast<std::size_t>(direction)].offer(bytes.size() + 28, now))
      loop_.schedule_at(at, [this, direction, bytes, client] { pass(direction, bytes, client); });
  }
  void pass(int direction, const std::vector<std::uint8_t>& bytes, const stun::Address& client) {
    if (direction == 1) {
      batch_.send({.remote = client, .via = front_via_}, bytes);
    } else {
      auto& known = clients_[client];
      if (!known.socket) {
        known.socket = open();
        known.via = batch_.add_socket(known.socket->descriptor());
        group_.spawn("back", read(this, known.socket, 1, client));
      }
      batch_.send({.remote = server_, .via = known.via}, bytes);
    }
    batch_.flush();
  }

  runtime::Loop& loop_;
  stun::Address server_;
  std::array<congestion::LinkModel, 2> models_;
  UdpBatch batch_;
  std::shared_ptr<UdpSocket> front_;
  std::uint32_t front_via_ = 0;
  std::map<stun::Address, Client> clients_;
  bool cut_ = false;
  runtime::TaskGroup group_;
};

// An engine with one worker and a source, and callers to it.
class Call {
 public:
  explicit Call(EngineSettings settings = {}, TestSource::Settings media = made_up_media())
      : source(std::make_shared<TestSource>(loop.loop(), std::move(media))), catalog(source) {
    settings.workers = 1;
    if (settings.bind.empty()) settings.bind = {"127.0.0.1"};
    std::vector<runtime::Loop*> loops = {&loop.loop()};
    auto opened = Engine::open(settings, std::move(loops), &catalog, events);
    CHECK(opened);
    engine = std::move(*opened);
    const auto started = loop.run(engine->start());
    CHECK(started);
    source->start();
    pool = std::make_unique<CallerPool>(loop.loop());
  }
  ~Call() {
    callers.clear();
    source->stop();
    if (link) loop.run(link->stop());
    loop.run(pool->stop());
    loop.run(engine->stop());
    pool.reset();
    engine.reset();
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  std::uint16_t port() const { return engine->addresses().front().port; }
  void add_link(const congestion::LinkSettings& settings, std::uint64_t seed = 1) {
    link = std::make_unique<TestLink>(loop.loop(), port(), settings, seed);
  }

  base::Result<Answer> try_call(CallerSettings settings, Offer offer = {}) {
    settings.bind = {"127.0.0.1"};
    callers.push_back(std::make_unique<Caller>(*pool, settings));
    auto& caller = *callers.back();
    auto sdp = caller.offer();
    CHECK(sdp);
    offer.sdp = *sdp;
    if (offer.source.empty()) offer.source = "test";
    auto answer = loop.run(settings.sends ? engine->publish(offer) : engine->answer(offer));
    if (!answer) return answer;
    ids.push_back(answer->id);
    const auto accepted =
        caller.accept(link ? TestLink::through(answer->sdp, port(), link->port()) : answer->sdp);
    if (!accepted) return std::unexpected(accepted.error());
    return answer;
  }
  Caller& call(CallerSettings settings = {}, Offer offer = {}) {
    const auto answer = try_call(std::move(settings), std::move(offer));
    EXPECT_TRUE(answer) << (answer ? "" : answer.error().detail);
    return *callers.back();
  }
  bool wait(Caller& caller, std::function<bool(const Caller&)> reached,
            base::Duration limit = 10s) {
    return loop.run(caller.wait_until(std::move(reached), limit));
  }
  ConnectionPtr record(std::size_t index = 0) const { return engine->find(ids[index]); }

  runtime::TestLoop loop;
  CollectedEvents events;
  std::shared_ptr<TestSource> source;
  LiveTestCatalog catalog;
  std::unique_ptr<Engine> engine;
  std::unique_ptr<CallerPool> pool;
  std::unique_ptr<TestLink> link;
  std::vector<std::unique_ptr<Caller>> callers;
  std::vector<std::string> ids;
};

}  // namespace telltale::rtc
