// The text and bytes of CIDs: vectors of the multibase and CID specs and of kubo, and every way a
// CID can be wrong.
#include "content/cid.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "content/multibase.hpp"
#include "content/varint.hpp"

namespace telltale::content {
namespace {

std::string unhex(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return out;
}

TEST(Varint, ReadsTheShortestFormOnly) {
  for (const std::uint64_t value :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{127}, std::uint64_t{128},
        std::uint64_t{300}, std::uint64_t{1} << 62U, ~std::uint64_t{0}}) {
    std::string bytes;
    append_varint(bytes, value);
    bytes += "rest";
    std::string_view in = bytes;
    const auto read = take_varint(in, kProtobufBytes);
    ASSERT_TRUE(read) << value;
    EXPECT_EQ(*read, value);
    EXPECT_EQ(in, "rest");
  }
  for (const auto& bad : {unhex("8100"), unhex("80"), unhex(""), unhex("ffffffffffffffffff7f"),
                          unhex("8080808080808080808001")}) {
    std::string_view in = bad;
    EXPECT_FALSE(take_varint(in, kProtobufBytes)) << base::hex_encode(bad);
  }
  const auto ten = unhex("80808080808080808001");
  std::string_view in = ten;
  EXPECT_FALSE(take_varint(in, kMultiformatBytes)) << "nine bytes are the most of multiformats";
}

TEST(Multibase, VectorsOfTheSpec) {
  EXPECT_EQ(base58btc_encode("yes mani !"), "7paNL19xttacUY");
  EXPECT_EQ(base32_encode("yes mani !"), "pfsxgidnmfxgsibb");
  EXPECT_EQ(base58btc_decode("7paNL19xttacUY").value(), "yes mani !");
  EXPECT_EQ(base32_decode("pfsxgidnmfxgsibb").value(), "yes mani !");
  EXPECT_EQ(base32_decode("PFSXGIDNMFXGSIBB").value(), "yes mani !");
  EXPECT_EQ(base36_decode("2lcpzo5yikidynfl").value(), "yes mani !");
  EXPECT_EQ(base36_decode("2LCPZO5YIKIDYNFL").value(), "yes mani !");
  const std::string zeros("\0\0yes mani !", 12);
  EXPECT_EQ(base58btc_decode(base58btc_encode(zeros)).value(), zeros);
  EXPECT_EQ(base36_decode("002lcpzo5yikidynfl").value(), zeros);
  EXPECT_FALSE(base32_decode("pfsxgidnmfxgsib1"));
  EXPECT_FALSE(base32_decode("pfsxgidnmfxgsiBb")) << "mixed case";
  EXPECT_FALSE(base32_decode("pc")) << "bits that are not zero at the end";
  EXPECT_FALSE(base58btc_decode("0"));
  EXPECT_EQ(base32_encode(""), "");
}

TEST(Cid, ReadsAndWritesWhatKuboWrites) {
  for (const std::string text : {"QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o",
                                 "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e",
                                 "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"}) {
    const auto cid = parse_cid(text);
    ASSERT_TRUE(cid) << cid.error().detail;
    EXPECT_EQ(to_text(*cid), text);
    EXPECT_EQ(read_cid(to_bytes(*cid)).value(), *cid);
  }
  EXPECT_EQ(to_text(cid_of(1, Codec::raw, "hello world")),
            "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e");
  // The same CID in the other bases, as multiformats of npm writes it.
  for (const std::string other : {"k2cwued9o1pvrt3q271rrqbo49x30tbxwpoeaq75z14e5ui2rzygpbe1",
                                  "zb2rhj7crUKTQYRGCRATFaQ6YFLTde2YzdqbbhAASkL9uRDXn"})
    EXPECT_EQ(to_text(parse_cid(other).value()),
              "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e");
  const auto one = parse_cid("bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi");
  EXPECT_EQ(parse_cid("zdj7WhuEjrB52m1BisYCtmjH1hSKa7yZ3jEZ9JcXaFRD51wVz").value().version, 1);
  EXPECT_EQ(parse_cid("BAFYBEIGDYRZT5SFP7UDM7HU76UH7Y26NF3EFUYLQABF3OCLGTQY55FBZDI").value(), *one);
}

struct Wrong {
  std::string text;
  base::Code code;
  std::string says;
};

TEST(Cid, NamesWhatIsWrong) {
  const auto v1 = [](std::string_view hex) { return "b" + base32_encode(unhex(hex)); };
  const std::string hash(64, '7');
  const auto invalid = base::Code::invalid_argument, unsupported = base::Code::unsupported;
  const std::vector<Wrong> all{
      {"", invalid, "too short"},
      {"Q", invalid, "too short"},
      {std::string(200, 'Q'), invalid, "more than 128"},
      {"QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff50", invalid, "character 46"},
      {"xyz", invalid, "neither Qm nor b, z or k"},
      {"mAXASIA", invalid, "neither Qm nor b, z or k"},
      {v1("0155"
          "1114" +
          hash.substr(24)),
       unsupported, "sha1"},
      {v1("0155"
          "0004"
          "61626364"),
       unsupported, "identity"},
      {v1("0155"
          "1e20" +
          hash),
       unsupported, "blake3"},
      {v1("0155"
          "a0e40220" +
          hash),
       unsupported, "blake2b-256"},
      {v1("0155"
          "7720" +
          hash),
       unsupported, "0x77"},
      {v1("0171"
          "1220" +
          hash),
       unsupported, "dag-cbor"},
      {v1("0172"
          "1220" +
          hash),
       unsupported, "libp2p-key"},
      {v1("01a902"
          "1220" +
          hash),
       unsupported, "dag-json"},
      {v1("0255"
          "1220" +
          hash),
       invalid, "version is 2"},
      {v1("0155"
          "1220" +
          hash.substr(2)),
       invalid, "cut short"},
      {v1("0155"
          "1220" +
          hash + "00"),
       invalid, "follow its end"},
      {v1("0155"
          "1210" +
          hash),
       invalid, "32 bytes"},
      {v1("8100"
          "55"
          "1220" +
          hash),
       invalid, "shortest form"},
      {v1("0155"
          "929200"
          "20" +
          hash),
       invalid, "shortest form"},
      {v1("1220" + hash), invalid, "no multibase prefix"},
      {v1("01"), invalid, "cut short"},
  };
  for (const auto& wrong : all) {
    const auto cid = parse_cid(wrong.text);
    ASSERT_FALSE(cid) << wrong.text;
    EXPECT_EQ(cid.error().code, wrong.code) << wrong.text << ": " << cid.error().detail;
    EXPECT_NE(cid.error().detail.find(wrong.says), std::string::npos)
        << wrong.text << ": " << cid.error().detail;
  }
}

}  // namespace
}  // namespace telltale::content
