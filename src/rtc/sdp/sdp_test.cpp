#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "rtc/rtp/extensions.hpp"
#include "rtc/sdp/answer.hpp"
#include "rtc/sdp/fragment.hpp"
#include "rtc/sdp/h264_profile.hpp"
#include "rtc/sdp/offer.hpp"

namespace telltale::rtc::sdp {
namespace {

// Offers as other programs wrote them: src/rtc/sdp/offers, found from where this program lies.
std::filesystem::path offers() {
  for (auto at = std::filesystem::canonical("/proc/self/exe"); at != at.root_path();
       at = at.parent_path())
    if (std::filesystem::exists(at / "src/rtc/sdp/offers")) return at / "src/rtc/sdp/offers";
  return {};
}
std::string recorded(const std::string& name) {
  std::ifstream file(offers() / (name + ".sdp"), std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

AnswerSettings settings() {
  return {.ice = {.ufrag = "ourufrag", .password = "ourpassword0123456789ab"},
          .fingerprint = {.value = "AA:BB"},
          .candidates = {ice::host_candidate(stun::Address::parse("192.0.2.1", 5000).value())},
          .extensions = {std::string(rtp::kTransportSequenceUri), std::string(rtp::kMidUri),
                         std::string(rtp::kAbsSendTimeUri), std::string(rtp::kRidUri),
                         std::string(rtp::kPlayoutDelayUri)},
          .audio = {.ssrc = 11},
          .video = {.ssrc = 21, .rtx_ssrc = 22}};
}

const Stream* stream(const Plan& plan, Kind kind) {
  for (const auto& one : plan.streams)
    if (one.kind == kind) return &one;
  return nullptr;
}

TEST(Sdp, RecordedOffersComeBackTheSame) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(offers())) {
    const auto text = recorded(entry.path().stem());
    const auto document = Document::parse(text);
    ASSERT_TRUE(document) << entry.path() << document.error().detail;
    EXPECT_EQ(document->text(), text) << entry.path();
    const auto description = Description::read(*document);
    ASSERT_TRUE(description) << description.error().detail;
    // What we understood is understood again from what we write of it.
    const auto again = Description::parse(description->text());
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(again->text(), description->text());
    ASSERT_EQ(again->media.size(), description->media.size());
    for (std::size_t i = 0; i < again->media.size(); ++i) {
      EXPECT_EQ(again->media[i].codecs.size(), description->media[i].codecs.size());
      EXPECT_EQ(again->media[i].candidates, description->media[i].candidates);
      EXPECT_EQ(again->media[i].fingerprints, description->media[i].fingerprints);
    }
    ++count;
  }
  EXPECT_GE(count, 3U);
}

TEST(Sdp, AnswersEveryRecordedOffer) {
  for (const auto& entry : std::filesystem::directory_iterator(offers())) {
    const auto offer = Description::parse(recorded(entry.path().stem()));
    ASSERT_TRUE(offer);
    auto wanted = settings();
    wanted.receives = true;
    const auto answered = answer(*offer, wanted);
    ASSERT_TRUE(answered) << entry.path() << answered.error().detail;
    const auto back = Description::parse(answered->description.text());
    ASSERT_TRUE(back) << back.error().detail;
    ASSERT_EQ(back->media.size(), offer->media.size());
    for (std::size_t i = 0; i < offer->media.size(); ++i) {
      EXPECT_EQ(back->media[i].mid, offer->media[i].mid);
      for (const auto& codec : back->media[i].codecs) {
        const auto* offered = offer->media[i].codec(codec.payload_type);
        ASSERT_NE(offered, nullptr);
        EXPECT_TRUE(offered->is(codec.name));
      }
      for (const auto& extension : back->media[i].extensions)
        EXPECT_TRUE(std::ranges::any_of(offer->media[i].extensions, [&](const Extension& one) {
          return one.id == extension.id && one.uri == extension.uri;
        }));
      EXPECT_FALSE(back->media[i].rejected) << entry.path() << i;
      EXPECT_EQ(back->media[i].setup, Setup::passive);
      EXPECT_EQ(back->media[i].protocol, offer->media[i].protocol);
      EXPECT_EQ(back->media[i].sctp_port, offer->media[i].sctp_port);
    }
  }
}

TEST(Sdp, ChromiumThatReceives) {
  const auto offer = Description::parse(recorded("chromium_receive"));
  const auto answered = answer(*offer, settings());
  ASSERT_TRUE(answered) << answered.error().detail;
  const auto& plan = answered->plan;
  const auto* video = stream(plan, Kind::video);
  ASSERT_NE(video, nullptr);
  EXPECT_TRUE(video->we_send);
  EXPECT_FALSE(video->we_receive);
  EXPECT_TRUE(video->codec.is("H264"));
  EXPECT_EQ(video->codec.parameter("profile-level-id"), "42e01f");
  EXPECT_EQ(video->codec.parameter("packetization-mode"), "1");
  EXPECT_EQ(video->rtx_payload_type,
            offer->media[video->index].rtx_of(video->codec.payload_type)->payload_type);
  EXPECT_TRUE(video->transport_cc && video->nack && video->pli && video->fir);
  EXPECT_FALSE(video->remb) << "transport-cc is enough";
  EXPECT_NE(video->extension_id(rtp::kTransportSequenceUri), 0);
  EXPECT_EQ(video->extension_id("urn:nobody"), 0);
  ASSERT_NE(stream(plan, Kind::audio), nullptr);
  EXPECT_TRUE(stream(plan, Kind::audio)->codec.is("opus"));
  EXPECT_TRUE(plan.data);
  EXPECT_EQ(plan.sctp_port, 5000);
  EXPECT_EQ(plan.max_message_size, 262'144U);
  EXPECT_FALSE(plan.we_are_dtls_client);
  EXPECT_TRUE(plan.remote_ice.valid());
  EXPECT_EQ(plan.remote_fingerprints.at(0).algorithm, "sha-256");

  const auto text = answered->description.text();
  for (const std::string_view line :
       {"a=ice-lite\r\n", "a=group:BUNDLE 0 1 2\r\n", "a=setup:passive\r\n", "a=rtcp-mux\r\n",
        "a=sendonly\r\n", "a=end-of-candidates\r\n", "a=ssrc-group:FID 21 22\r\n",
        "a=sctp-port:5000\r\n", "192.0.2.1 5000 typ host\r\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  // Candidates once, on the line that carries the bundle.
  EXPECT_EQ(text.find("typ host"), text.rfind("typ host"));
}

TEST(Sdp, ChromiumSimulcastIsReceived) {
  const auto offer = Description::parse(recorded("chromium_simulcast"));
  auto wanted = settings();
  wanted.sends = false;
  wanted.receives = true;
  wanted.video_codecs = {"VP8"};
  const auto answered = answer(*offer, wanted);
  ASSERT_TRUE(answered);
  const auto* video = stream(answered->plan, Kind::video);
  ASSERT_NE(video, nullptr);
  EXPECT_TRUE(video->we_receive);
  EXPECT_TRUE(video->codec.is("VP8"));
  ASSERT_EQ(video->rids.size(), 3U);
  EXPECT_EQ(video->rids[2].id, "h");
  const auto text = answered->description.text();
  EXPECT_NE(text.find("a=simulcast:recv l;m;h\r\n"), std::string::npos) << text;
  EXPECT_NE(text.find("a=rid:m recv\r\n"), std::string::npos);
  EXPECT_NE(text.find("a=recvonly\r\n"), std::string::npos);
  EXPECT_NE(video->extension_id(rtp::kRidUri), 0);
}

TEST(Sdp, RejectsWhatItCannotAndSaysSoWhenNothingIsLeft) {
  const auto offer = Description::parse(recorded("chromium_receive"));
  auto wanted = settings();
  wanted.video_codecs = {"H266"};
  wanted.data = false;
  const auto answered = answer(*offer, wanted);
  ASSERT_TRUE(answered);
  EXPECT_EQ(answered->plan.streams.size(), 1U);
  const auto text = answered->description.text();
  EXPECT_NE(text.find("m=video 0 "), std::string::npos);
  EXPECT_NE(text.find("m=application 0 "), std::string::npos);
  const auto back = Description::parse(text);
  EXPECT_EQ(back->bundle.size(), 1U);

  wanted.audio_codecs = {"speex"};
  const auto none = answer(*offer, wanted);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, base::Code::unsupported);
  EXPECT_NE(none.error().detail.find("no codec in common"), std::string::npos);
  EXPECT_NE(none.error().detail.find("VP9"), std::string::npos) << none.error().detail;
  EXPECT_NE(none.error().detail.find("H266"), std::string::npos) << none.error().detail;
}

TEST(Sdp, AnOfferThatLacksItsTransportIsRefused) {
  const auto text = recorded("chromium_data");
  const auto without = [&](std::string_view prefix) {
    std::string out;
    std::string_view rest = text;
    while (const auto line = next_line(rest))
      if (!line->starts_with(prefix)) out += std::string(*line) + "\r\n";
    const auto offer = Description::parse(out);
    EXPECT_TRUE(offer);
    return answer(*offer, settings());
  };
  EXPECT_TRUE(without("a=nothing"));
  for (const auto* prefix : {"a=ice-pwd", "a=ice-ufrag", "a=fingerprint"}) {
    const auto answered = without(prefix);
    ASSERT_FALSE(answered) << prefix;
    EXPECT_EQ(answered.error().code, base::Code::invalid_argument);
  }
}

TEST(Sdp, DtlsRoles) {
  auto offer = Description::parse(recorded("chromium_data")).value();
  auto wanted = settings();
  for (const auto& [theirs, prefers, client] :
       {std::tuple{Setup::actpass, false, false}, std::tuple{Setup::actpass, true, true},
        std::tuple{Setup::active, true, false}, std::tuple{Setup::passive, false, true}}) {
    offer.media[0].setup = theirs;
    wanted.prefers_dtls_client = prefers;
    const auto answered = answer(offer, wanted);
    ASSERT_TRUE(answered);
    EXPECT_EQ(answered->plan.we_are_dtls_client, client);
    EXPECT_EQ(answered->description.media[0].setup, client ? Setup::active : Setup::passive);
  }
}

TEST(Sdp, WithoutBundleOneLineIsTaken) {
  auto offer = Description::parse(recorded("chromium_receive")).value();
  offer.bundle.clear();
  const auto answered = answer(offer, settings());
  ASSERT_TRUE(answered);
  EXPECT_FALSE(answered->description.media[0].rejected);
  EXPECT_TRUE(answered->description.media[1].rejected);
  EXPECT_TRUE(answered->description.media[2].rejected);
}

OfferSettings offer_settings() {
  return {.ice = {.ufrag = "offerufrag", .password = "offerpassword0123456789"},
          .fingerprint = {.value = "CC:DD"},
          .media = {{.kind = Kind::video, .codecs = {"H264", "VP8"}},
                    {.kind = Kind::audio, .codecs = {"opus"}}},
          .extensions = {std::string(rtp::kTransportSequenceUri), std::string(rtp::kMidUri)},
          .data = true};
}

TEST(Sdp, OurOfferAndOurAnswerMeet) {
  const auto ours = offer(offer_settings());
  const auto sent = Description::parse(ours.text());
  ASSERT_TRUE(sent) << sent.error().detail;
  const auto answered = answer(*sent, settings());
  ASSERT_TRUE(answered) << answered.error().detail;
  const auto received = Description::parse(answered->description.text());
  ASSERT_TRUE(received);
  const auto plan = read_answer(ours, *received);
  ASSERT_TRUE(plan) << plan.error().detail;
  EXPECT_TRUE(plan->we_are_dtls_client);
  EXPECT_FALSE(answered->plan.we_are_dtls_client);
  EXPECT_TRUE(plan->remote_lite && plan->remote_complete && plan->data);
  EXPECT_EQ(plan->remote_ice, settings().ice);
  EXPECT_EQ(plan->remote_candidates, settings().candidates);
  ASSERT_EQ(plan->streams.size(), 2U);
  for (const auto kind : {Kind::video, Kind::audio}) {
    const auto* here = stream(*plan, kind);
    const auto* there = stream(answered->plan, kind);
    EXPECT_TRUE(here->we_receive && there->we_send);
    EXPECT_FALSE(here->we_send || there->we_receive);
    EXPECT_EQ(here->codec.payload_type, there->codec.payload_type);
    EXPECT_EQ(here->rtx_payload_type, there->rtx_payload_type);
    EXPECT_EQ(here->extension_id(rtp::kMidUri), 2);
    EXPECT_EQ(there->extension_id(rtp::kMidUri), 2);
  }
}

TEST(Sdp, AnAnswerThatBreaksTheOfferIsRefused) {
  const auto ours = offer(offer_settings());
  const auto good = answer(ours, settings())->description;
  const auto refused = [&](auto&& change) {
    auto broken = good;
    change(broken);
    const auto plan = read_answer(ours, broken);
    return !plan && plan.error().code == base::Code::invalid_argument;
  };
  EXPECT_FALSE(refused([](Description&) {}));
  EXPECT_TRUE(refused([](Description& it) { it.media.pop_back(); }));
  EXPECT_TRUE(refused([](Description& it) { std::swap(it.media[0], it.media[1]); }));
  EXPECT_TRUE(refused([](Description& it) { it.media[0].codecs[0].payload_type = 120; }));
  EXPECT_TRUE(refused([](Description& it) { it.media[0].setup = Setup::actpass; }));
  EXPECT_TRUE(refused([](Description& it) { it.media[0].fingerprints.clear(); }));
  EXPECT_TRUE(refused([](Description& it) {
    for (auto& media : it.media) media.rejected = true;
  }));
}

TEST(Sdp, Profiles) {
  const auto of = [](std::string_view text) { return parse_profile_level_id(text)->profile; };
  EXPECT_EQ(of("42e01f"), H264Profile::constrained_baseline);
  EXPECT_EQ(of("42C01F"), H264Profile::constrained_baseline);
  EXPECT_EQ(of("4d801f"), H264Profile::constrained_baseline);
  EXPECT_EQ(of("58c01f"), H264Profile::constrained_baseline);
  EXPECT_EQ(of("42001f"), H264Profile::baseline);
  EXPECT_EQ(of("4d001f"), H264Profile::main);
  EXPECT_EQ(of("640c1f"), H264Profile::constrained_high);
  EXPECT_EQ(of("640032"), H264Profile::high);
  EXPECT_EQ(of("f4001f"), H264Profile::other);
  EXPECT_EQ(parse_profile_level_id("42e01f")->level_idc, 31);
  EXPECT_FALSE(parse_profile_level_id("42e01"));
  EXPECT_FALSE(parse_profile_level_id("42e0zz"));
}

TEST(Sdp, MalformedIsRefused) {
  const std::string head = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n";
  EXPECT_TRUE(Document::parse(head));
  for (const auto& text :
       {std::string(), std::string("v=1\r\n"), std::string("v=0\r\ns=-\r\n"), head + "x\r\n",
        head + "a=\r\n", head + "m=video\r\n", head + "m=video x UDP 1\r\n",
        head + "m=video 65536 UDP 1\r\n", head + "m=video 9 UDP\r\n", head + "=x\r\n",
        head + "A=x\r\n", head + "v=0\r\n", head + "\r\na=x\r\n",
        head + "a=" + std::string(5000, 'x') + "\r\n", head + std::string("a=x\0y\r\n", 7),
        std::string(70'000, 'x')})
    EXPECT_FALSE(Document::parse(text)) << text.substr(0, 200);
  std::string many = head;
  for (int i = 0; i < 33; ++i) many += "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n";
  EXPECT_FALSE(Document::parse(many));
  for (const std::string_view media :
       {"m=video 9 UDP/TLS/RTP/SAVPF 128\r\n", "m=video 9 UDP/TLS/RTP/SAVPF x\r\n",
        "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 H264/0\r\n",
        "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=extmap:x urn:y\r\n",
        "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=setup:both\r\n",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=sctp-port:70000\r\n",
        "m=audio 9 RTP/AVP 0\r\na=mid:0\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n"})
    EXPECT_FALSE(Description::parse(head + std::string(media))) << media;
}

TEST(SdpFragment, ThereAndBack) {
  const std::string text =
      "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
      "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
      "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host\r\n"
      "a=candidate:nonsense\r\na=end-of-candidates\r\n";
  const auto fragment = Fragment::parse(text);
  ASSERT_TRUE(fragment) << fragment.error().detail;
  EXPECT_EQ(fragment->ice->ufrag, "EsAw");
  ASSERT_EQ(fragment->media.size(), 1U);
  EXPECT_EQ(fragment->media[0].mid, "0");
  ASSERT_EQ(fragment->media[0].candidates.size(), 1U);
  EXPECT_EQ(fragment->media[0].candidates[0].port, 61764);
  EXPECT_TRUE(fragment->media[0].end_of_candidates);
  EXPECT_FALSE(fragment->end_of_candidates);
  const auto again = Fragment::parse(fragment->text());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->text(), fragment->text());
  EXPECT_TRUE(Fragment::parse("a=end-of-candidates\n")->end_of_candidates);
  EXPECT_FALSE(Fragment::parse("a=ice-ufrag:EsAw\r\n"));
  EXPECT_FALSE(Fragment::parse("a=candidate:1 1 udp 1 192.0.2.1 5 typ host\r\n"));
  EXPECT_FALSE(Fragment::parse("nonsense"));
  EXPECT_FALSE(Fragment::parse(std::string(20'000, 'a')));
}

}  // namespace
}  // namespace telltale::rtc::sdp
