// What a packet to a viewer costs the server, with everything around it (pacing, feedback, reports,
// statistics), next to the floor: AES-GCM by EVP and the GSO sends of the same bytes, in the same
// run on the same thread. CPU time of the worker's thread only; viewers live on another thread.
//
//   RTC_VIEWERS=200 RTC_SECONDS=10 rtc_benchmark --benchmark_filter=PacketSent
#include <cstdlib>
#include <ctime>
#include <future>

#include <benchmark/benchmark.h>
#include <malloc.h>

#include "rtc/engine.hpp"
#include "rtc/peer/caller.hpp"
#include "rtc/srtp/cipher.hpp"
#include "rtc/test_source.hpp"
#include "runtime/run.hpp"

namespace telltale::rtc {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kPacketsPerFrame = 6;
constexpr std::size_t kPacketBytes = 1'080;

std::int64_t setting(const char* name, std::int64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoll(text);
}

double thread_cpu() {
  timespec time = {};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

class Ignore final : public runtime::EventSink {
 public:
  void publish(runtime::Event) override {}
};

template <class Function>
auto on(runtime::Loop& loop, Function function) {
  std::promise<std::invoke_result_t<Function>> promise;
  auto future = promise.get_future();
  loop.post([&] { promise.set_value(function()); });
  return future.get();
}

template <class T>
T await(runtime::Loop& loop, runtime::Task<T> task) {
  runtime::TaskGroup none(loop, "benchmark");
  return std::move(*runtime::run_to_completion(loop, none, "benchmark", std::move(task)));
}

// Per packet, in seconds: encrypt and send frames of the same packets to as many sockets.
double floor_of(runtime::Loop& loop, std::size_t viewers, int rounds) {
  return on(loop, [&] {
    std::vector<srtp::Cipher> ciphers;
    ciphers.reserve(viewers);
    for (std::size_t i = 0; i < viewers; ++i)
      ciphers.push_back(std::move(
          *srtp::Cipher::open(srtp::Profile::aead_aes_128_gcm, {}, srtp::Direction::encrypt)));
    std::vector<UdpSocket> sinks;
    sinks.reserve(viewers);
    for (std::size_t i = 0; i < viewers; ++i)
      sinks.push_back(
          std::move(*UdpSocket::bind(loop.context(), *stun::Address::parse("127.0.0.1", 0), {})));
    auto source = UdpSocket::bind(loop.context(), *stun::Address::parse("127.0.0.1", 0), {});
    UdpBatch batch(true);
    const auto via = batch.add_socket(source->descriptor());
    const std::vector<std::uint8_t> payload(kPacketBytes, 7);
    std::array<std::uint8_t, 16> iv = {};
    ReceiveBuffer drain;
    double spent = 0;
    for (int round = 0; round < rounds; ++round) {
      const auto before = thread_cpu();
      for (std::size_t i = 0; i < viewers; ++i) {
        for (std::size_t packet = 0; packet < kPacketsPerFrame; ++packet) {
          const auto out = batch.reserve();
          ++iv[11];
          ciphers[i].begin(iv);
          ciphers[i].aad(out.first(24));
          ciphers[i].update(payload, out.data() + 24);
          ciphers[i].write_tag(out.subspan(24 + kPacketBytes, 16));
          batch.commit({.remote = sinks[i].local(), .via = via}, 24 + kPacketBytes + 16);
        }
      }
      batch.flush();
      spent += thread_cpu() - before;
      for (auto& sink : sinks)
        while (drain.read(sink.descriptor(), [](MutableBytes, const stun::Address&) {}) ==
               ReceiveBuffer::kMessages) {
        }
    }
    return spent / static_cast<double>(viewers * kPacketsPerFrame) / rounds;
  });
}

// The floor alone, for bench/webrtc.mjs.
void packet_floor(benchmark::State& state) {
  const auto viewers = static_cast<std::size_t>(setting("RTC_VIEWERS", 200));
  for ([[maybe_unused]] auto once : state) {
    runtime::Runtime runtime(1);
    runtime.start();
    const auto rounds = static_cast<int>(std::max<std::size_t>(10, 30'000 / viewers));
    state.counters["us_per_packet"] = floor_of(runtime.loop(0), viewers, rounds) * 1e6;
    runtime.stop();
  }
}
BENCHMARK(packet_floor)->Iterations(1);

void packet_sent(benchmark::State& state) {
  const auto viewers = static_cast<std::size_t>(setting("RTC_VIEWERS", 200));
  const auto seconds = setting("RTC_SECONDS", 10);
  for ([[maybe_unused]] auto once : state) {
    runtime::Runtime runtime(2);
    auto& worker = runtime.loop(0);
    auto& clients = runtime.loop(1);
    Ignore events;
    auto source = std::make_shared<TestSource>(
        clients, TestSource::Settings{
                     .video = {{.rendition = {.name = "source",
                                              .width = 1280,
                                              .height = 720,
                                              .frame_rate = 30,
                                              .bitrate_bps = 1'500'000,
                                              .codecs = {Codec::h264}},
                                .frames = made_up_video(Codec::h264, 1'500'000, 30, 60, 1)}}});
    auto engine = Engine::open({.workers = 1,
                                .bind = {"127.0.0.1"},
                                .tcp = false,
                                .connections_max = 5'000,
                                .connections_per_actor_max = 5'000,
                                .connecting_max = 5'000,
                                .start_bps = 3'000'000},
                               runtime, nullptr, events);
    runtime.start();
    CHECK(await(worker, (*engine)->start()));
    auto pool = std::make_unique<CallerPool>(clients);
    std::vector<std::unique_ptr<Caller>> callers;
    const auto joined = thread_cpu();
    (void)joined;
    const auto cpu_before_join = on(worker, thread_cpu);
    for (std::size_t i = 0; i < viewers; ++i) {
      const auto sdp = on(clients, [&] {
        callers.push_back(std::make_unique<Caller>(
            *pool, CallerSettings{.audio = false, .bind = {"127.0.0.1"}, .slots = 128}));
        return *callers.back()->offer();
      });
      const auto answer =
          await(worker, (*engine)->answer({.sdp = sdp, .source = "b", .playing = source}));
      CHECK(answer);
      on(clients, [&] { return callers.back()->accept(answer->sdp).has_value(); });
    }
    await(clients, [](std::vector<std::unique_ptr<Caller>>* all) -> runtime::Task<bool> {
      for (auto& caller : *all)
        co_await caller->wait_until([](const Caller& at) { return at.connected(); }, 20s);
      co_return true;
    }(&callers));
    const auto join_cpu = on(worker, thread_cpu) - cpu_before_join;
    clients.post([source] { source->start(); });
    await(clients, [](std::int64_t length) -> runtime::Task<bool> {
      co_await runtime::sleep_for(std::chrono::seconds(length));
      co_return true;
    }(4));
    struct Mark {
      double cpu;
      EngineCounters counters;
    };
    const auto mark = [&] {
      return Mark{.cpu = on(worker, thread_cpu), .counters = (*engine)->counters()};
    };
    const auto begin = mark();
    await(clients, [](std::int64_t length) -> runtime::Task<bool> {
      co_await runtime::sleep_for(std::chrono::seconds(length));
      co_return true;
    }(seconds));
    const auto end = mark();
    const auto floor = floor_of(worker, viewers, 50);
    const auto packets =
        static_cast<double>(end.counters.datagrams_sent - begin.counters.datagrams_sent);
    const auto cost = (end.cpu - begin.cpu) / packets;
    std::uint64_t late = 0;
    std::uint64_t sent = 0;
    for (const auto& record : (*engine)->list()) {
      late += record->stats.outbound.front().late_packets;
      sent += record->stats.outbound.front().packets_sent;
    }
    std::uint64_t gaps = 0;
    for (auto& caller : callers) gaps += on(clients, [&] { return caller->report().video_gaps; });
    state.counters["viewers"] = static_cast<double>(viewers);
    state.counters["packets/s"] = packets / static_cast<double>(seconds);
    state.counters["us_per_packet"] = cost * 1e6;
    state.counters["floor_us"] = floor * 1e6;
    state.counters["ratio"] = cost / floor;
    state.counters["packets_per_send"] =
        packets / static_cast<double>(end.counters.sends - begin.counters.sends);
    state.counters["worker_load"] = (end.cpu - begin.cpu) / static_cast<double>(seconds);
    state.counters["late_per_1000"] =
        1'000 * static_cast<double>(late) / static_cast<double>(std::max<std::uint64_t>(sent, 1));
    state.counters["gaps"] = static_cast<double>(gaps);
    state.counters["ms_per_join"] = join_cpu * 1e3 / static_cast<double>(viewers);
    on(clients, [&] {
      callers.clear();
      source->stop();
      return 0;
    });
    await(clients, [](CallerPool* all) -> runtime::Task<bool> {
      co_await all->stop();
      co_return true;
    }(pool.get()));
    await(worker, [](Engine* stopping) -> runtime::Task<bool> {
      co_await stopping->stop();
      co_return true;
    }(engine->get()));
    runtime.stop();
    pool.reset();
  }
}
// From the answer in the caller's hands to ICE, DTLS, the first packet and the first key frame
// whole, one after the other, on real loops.
void connect_peers(benchmark::State& state) {
  constexpr std::size_t kConnects = 500;
  for ([[maybe_unused]] auto once : state) {
    runtime::Runtime runtime(2);
    auto& worker = runtime.loop(0);
    auto& clients = runtime.loop(1);
    Ignore events;
    auto source = std::make_shared<TestSource>(
        clients, TestSource::Settings{
                     .video = {{.rendition = {.name = "source",
                                              .frame_rate = 30,
                                              .bitrate_bps = 1'500'000,
                                              .codecs = {Codec::h264}},
                                .frames = made_up_video(Codec::h264, 1'500'000, 30, 60, 1)}},
                     .audio = made_up_audio(50, 1)});
    auto engine =
        Engine::open({.workers = 1, .bind = {"127.0.0.1"}, .tcp = false}, runtime, nullptr, events);
    runtime.start();
    CHECK(await(worker, (*engine)->start()));
    clients.post([source] { source->start(); });
    auto pool = std::make_unique<CallerPool>(clients);
    std::vector<double> ice;
    std::vector<double> dtls;
    std::vector<double> packet;
    std::vector<double> frame;
    for (std::size_t i = 0; i < kConnects; ++i) {
      auto caller = on(clients, [&] {
        return std::make_unique<Caller>(*pool, CallerSettings{.bind = {"127.0.0.1"}});
      });
      const auto sdp = on(clients, [&] { return *caller->offer(); });
      const auto answer =
          await(worker, (*engine)->answer({.sdp = sdp, .source = "b", .playing = source}));
      CHECK(answer);
      on(clients, [&] { return caller->accept(answer->sdp).has_value(); });
      const auto report = await(clients, [](Caller* one) -> runtime::Task<CallerReport> {
        co_await one->wait_until([](const Caller& at) { return at.video_frames() > 0; }, 10s);
        co_return one->report();
      }(caller.get()));
      CHECK(report.first_frame);
      ice.push_back(base::to_ms(*report.ice));
      dtls.push_back(base::to_ms(*report.dtls));
      packet.push_back(base::to_ms(*report.first_packet));
      frame.push_back(base::to_ms(*report.first_frame));
      on(clients, [&] {
        caller->close();
        caller.reset();
        return 0;
      });
    }
    const auto show = [&](const std::string& name, std::vector<double>& all) {
      std::ranges::sort(all);
      state.counters[name + "_p50_ms"] = all[all.size() / 2];
      state.counters[name + "_p99_ms"] = all[all.size() * 99 / 100];
    };
    show("ice", ice);
    show("dtls", dtls);
    show("packet", packet);
    show("key_frame", frame);
    source->stop();
    await(clients, [](CallerPool* all) -> runtime::Task<bool> {
      co_await all->stop();
      co_return true;
    }(pool.get()));
    await(worker, [](Engine* stopping) -> runtime::Task<bool> {
      co_await stopping->stop();
      co_return true;
    }(engine->get()));
    runtime.stop();
    pool.reset();
  }
}
BENCHMARK(connect_peers)->Iterations(1)->Unit(benchmark::kSecond);

// What a connection holds before its handshake, its agent, session, pacer and history; the kept
// frames are shared. DTLS comes on top (rtc/dtls's own benchmark).
void peer_memory(benchmark::State& state) {
  const bool data = state.range(0) != 0;
  constexpr std::size_t kPeers = 1'000;
  for ([[maybe_unused]] auto once : state) {
    runtime::Runtime runtime(1);
    auto& loop = runtime.loop(0);
    Ignore events;
    auto source = std::make_shared<TestSource>(
        loop,
        TestSource::Settings{.video = {{.rendition = {.name = "source",
                                                      .bitrate_bps = 1'500'000,
                                                      .codecs = {Codec::h264}},
                                        .frames = made_up_video(Codec::h264, 1'500'000, 30, 2, 1)}},
                             .audio = made_up_audio(2, 1)});
    auto engine =
        Engine::open({.workers = 1, .bind = {"127.0.0.1"}, .tcp = false}, runtime, nullptr, events);
    runtime.start();
    CHECK(await(loop, (*engine)->start()));
    CallerPool pool(loop);
    const auto sdp = on(loop, [&] {
      Caller maker(pool, {.data = data, .bind = {"127.0.0.1"}});
      return *maker.offer();
    });
    const auto before = ::mallinfo2().uordblks;
    for (std::size_t i = 0; i < kPeers; ++i)
      CHECK(await(loop, (*engine)->answer({.sdp = sdp, .source = "b", .playing = source})));
    const auto after = ::mallinfo2().uordblks;
    state.counters["KiB_per_peer"] =
        static_cast<double>(after - before) / 1024 / static_cast<double>(kPeers);
    await(loop, [](Engine* stopping, CallerPool* all) -> runtime::Task<bool> {
      co_await stopping->stop();
      co_await all->stop();
      co_return true;
    }(engine->get(), &pool));
    runtime.stop();
  }
}
BENCHMARK(peer_memory)->Arg(0)->Arg(1)->Iterations(1);

BENCHMARK(packet_sent)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace telltale::rtc
