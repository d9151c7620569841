// The cost of protecting one RTP packet of 1,200 bytes of payload: ours in each profile, the floor
// (EVP AES-128-GCM alone over the same bytes) and libsrtp2, with 1 and with 1,000 peers in turn.
#include <benchmark/benchmark.h>

#include "rtc/srtp/receiver.hpp"
#include "rtc/srtp/sender.hpp"
#include "rtc/srtp/test_support.hpp"

namespace telltale::rtc::srtp {
namespace {

constexpr std::size_t kPayload = 1200;
constexpr std::size_t kPacket = rtp::kMinHeaderSize + 8 + kPayload;

Buffer packet_template() {
  base::Random random(1);
  Buffer packet = make_rtp(random, 1, 0, {.form = rtp::HeaderWriter::Form::one_byte});
  packet.resize(kPacket);
  packet.resize(kPacket + SRTP_MAX_TRAILER_LEN + 4);
  return packet;
}

struct Material {
  explicit Material(Profile profile, std::uint64_t seed) {
    base::Random random(seed);
    key = random_bytes(random, key_size(profile));
    salt = random_bytes(random, salt_size(profile));
  }
  Buffer key;
  Buffer salt;
};

void finish(benchmark::State& state) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kPacket));
  state.SetItemsProcessed(state.iterations());
}

template <Profile kProfile>
void protect(benchmark::State& state) {
  const auto peers = static_cast<std::size_t>(state.range(0));
  std::vector<Sender> senders;
  for (std::size_t i = 0; i < peers; ++i) {
    const Material material(kProfile, i);
    senders.push_back(Sender::open(kProfile, material.key, material.salt).value());
  }
  auto packet = packet_template();
  std::size_t peer = 0;
  std::uint16_t sequence = 0;
  for ([[maybe_unused]] auto _ : state) {
    rtp::set_sequence(packet, sequence);
    benchmark::DoNotOptimize(senders[peer].protect_rtp(packet, kPacket));
    if (++peer == peers) {
      peer = 0;
      ++sequence;
    }
  }
  finish(state);
}
BENCHMARK(protect<Profile::aead_aes_128_gcm>)->Arg(1)->Arg(1000);
BENCHMARK(protect<Profile::aead_aes_256_gcm>)->Arg(1)->Arg(1000);
BENCHMARK(protect<Profile::aes128_cm_hmac_sha1_80>)->Arg(1)->Arg(1000);

// As the fan-out does it: the payload is shared by all, only the header is the peer's own.
void seal_shared(benchmark::State& state) {
  constexpr auto kProfile = Profile::aead_aes_128_gcm;
  const auto peers = static_cast<std::size_t>(state.range(0));
  std::vector<Sender> senders;
  for (std::size_t i = 0; i < peers; ++i) {
    const Material material(kProfile, i);
    senders.push_back(Sender::open(kProfile, material.key, material.salt).value());
  }
  auto packet = packet_template();
  const Buffer shared(kPayload, 7);
  std::size_t peer = 0;
  std::uint16_t sequence = 0;
  for ([[maybe_unused]] auto _ : state) {
    rtp::set_sequence(packet, sequence);
    benchmark::DoNotOptimize(senders[peer].seal_rtp(packet, kPacket - kPayload, 0, shared));
    if (++peer == peers) {
      peer = 0;
      ++sequence;
    }
  }
  finish(state);
}
BENCHMARK(seal_shared)->Arg(1)->Arg(1000);

void floor_evp_gcm_128(benchmark::State& state) {
  const auto peers = static_cast<std::size_t>(state.range(0));
  auto* cipher = EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr);
  std::vector<std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>> contexts;
  for (std::size_t i = 0; i < peers; ++i) {
    const Material material(Profile::aead_aes_128_gcm, i);
    contexts.emplace_back(EVP_CIPHER_CTX_new());
    EVP_EncryptInit_ex2(contexts.back().get(), cipher, material.key.data(), nullptr, nullptr);
  }
  auto packet = packet_template();
  std::array<std::uint8_t, 12> iv = {};
  const auto aad = static_cast<int>(kPacket - kPayload);
  std::size_t peer = 0;
  std::uint32_t count = 0;
  for ([[maybe_unused]] auto _ : state) {
    auto* context = contexts[peer].get();
    store_u32(iv, 8, ++count);
    int size = 0;
    auto* payload = packet.data() + aad;
    EVP_EncryptInit_ex2(context, nullptr, nullptr, iv.data(), nullptr);
    EVP_EncryptUpdate(context, nullptr, &size, packet.data(), aad);
    EVP_EncryptUpdate(context, payload, &size, payload, static_cast<int>(kPayload));
    EVP_EncryptFinal_ex(context, payload + kPayload, &size);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, payload + kPayload);
    if (++peer == peers) peer = 0;
  }
  EVP_CIPHER_free(cipher);
  finish(state);
}
BENCHMARK(floor_evp_gcm_128)->Arg(1)->Arg(1000);

template <Profile kProfile>
void peer_libsrtp2(benchmark::State& state) {
  const auto peers = static_cast<std::size_t>(state.range(0));
  std::vector<std::unique_ptr<LibSrtp>> sessions;
  for (std::size_t i = 0; i < peers; ++i) {
    const Material material(kProfile, i);
    sessions.push_back(std::make_unique<LibSrtp>(kProfile, material.key, material.salt, true));
  }
  auto packet = packet_template();
  std::size_t peer = 0;
  std::uint16_t sequence = 0;
  for ([[maybe_unused]] auto _ : state) {
    rtp::set_sequence(packet, sequence);
    int size = kPacket;
    if (!sessions[peer]->protect_raw(packet.data(), size)) state.SkipWithError("refused");
    if (++peer == peers) {
      peer = 0;
      ++sequence;
    }
  }
  finish(state);
}
BENCHMARK(peer_libsrtp2<Profile::aead_aes_128_gcm>)->Arg(1)->Arg(1000);
BENCHMARK(peer_libsrtp2<Profile::aead_aes_256_gcm>)->Arg(1)->Arg(1000);
BENCHMARK(peer_libsrtp2<Profile::aes128_cm_hmac_sha1_80>)->Arg(1)->Arg(1000);

}  // namespace
}  // namespace telltale::rtc::srtp
