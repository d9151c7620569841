// dag-pb and UnixFS: blocks of kubo byte for byte, and blocks that are wrong in every field.
#include "content/dag_pb.hpp"

#include <gtest/gtest.h>

#include "content/protobuf.hpp"
#include "content/unixfs.hpp"

namespace telltale::content {
namespace {

const Cid kSome = cid_of(0, Codec::dag_pb, "some");

std::string link(const Cid& cid, std::string_view name, std::uint64_t size) {
  std::string out;
  append_bytes(out, 1, to_bytes(cid));
  append_bytes(out, 2, name);
  append_number(out, 3, size);
  return out;
}

std::string field(std::uint32_t number, std::string_view bytes) {
  std::string out;
  append_bytes(out, number, bytes);
  return out;
}

TEST(DagPb, WritesWhatKuboWrites) {
  EXPECT_EQ(to_text(cid_of(0, Codec::dag_pb, encode_dag_pb({.links = {}, .data = "\x08\x01"}))),
            "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn")
      << "the empty directory";
  EXPECT_EQ(encode_dag_pb({}), "");
}

TEST(DagPb, WhatIsWrittenIsReadAndSorted) {
  const auto block = encode_dag_pb(
      {.links = {{.cid = kSome, .name = "b", .size = 7}, {.cid = kSome, .name = "a", .size = 300}},
       .data = "data"});
  const auto node = decode_dag_pb(block);
  ASSERT_TRUE(node) << node.error().detail;
  ASSERT_EQ(node->links.size(), 2U);
  EXPECT_EQ(node->links[0].name, "a");
  EXPECT_EQ(node->links[0].size, 300U);
  EXPECT_EQ(node->links[1].cid, kSome);
  EXPECT_EQ(node->data, "data");
  EXPECT_EQ(encode_dag_pb(*node), block);
  EXPECT_TRUE(decode_dag_pb(field(1, "d") + field(2, link(kSome, "", 0)))) << "data first";
}

TEST(DagPb, RefusesWhatIsNotOfItsForm) {
  const auto good = link(kSome, "n", 1);
  const std::vector<std::pair<std::string, std::string>> all{
      {field(1, "a") + field(1, "b"), "twice"},
      {field(2, good) + field(1, "a") + field(2, good), "before and after"},
      {field(3, "x"), "unknown field 3"},
      {std::string("\x08\x01", 2), "unknown field 1"},
      {std::string("\x0a\x05"
                   "ab",
                   4),
       "cut short"},
      {std::string("\x0a", 1), "cut short"},
      {std::string("\x0d\x01\x02\x03\x04", 5), "wire type 5"},
      {std::string("\x8a\x80\x00\x00", 4), "shortest form"},
      {field(2, ""), "no hash"},
      {field(2, field(2, "name")), "begin with its hash"},
      {field(2, good + field(2, "again")), "order"},
      {field(2, field(1, "no cid")), "no CID"},
      {field(2, field(1, to_bytes(kSome)) + field(9, "")), "unknown field 9"},
      {std::string(kBlockLimit + 1, 'x'), "2 MiB"},
  };
  for (const auto& [block, says] : all) {
    const auto node = decode_dag_pb(block);
    ASSERT_FALSE(node) << says;
    EXPECT_NE(node.error().detail.find(says), std::string::npos) << node.error().detail;
  }
}

std::string file_block(const UnixFs& entry, std::vector<PbLink> links = {}) {
  const auto data = encode_unixfs(entry);
  return encode_dag_pb({.links = std::move(links), .data = data});
}

TEST(UnixFs, AFileNodeMustAddUp) {
  const auto decode = [](const std::string& block) { return decode_file(Codec::dag_pb, block); };
  const std::vector<PbLink> two{{.cid = kSome, .name = {}, .size = 9},
                                {.cid = kSome, .name = {}, .size = 9}};
  const auto good = file_block({.data = "ab", .file_size = 12, .block_sizes = {4, 6}}, two);
  const auto node = decode(good);
  ASSERT_TRUE(node) << node.error().detail;
  EXPECT_EQ(node->size, 12U);
  EXPECT_EQ(node->data, "ab");
  EXPECT_EQ(node->parts[1].size, 6U);
  using Type = UnixFs::Type;
  const std::uint64_t most = ~std::uint64_t{0};
  const std::vector<std::pair<std::string, std::string>> all{
      {file_block({.file_size = 11, .block_sizes = {4, 6}}, two), "11 bytes and its parts 10"},
      {file_block({.file_size = 4, .block_sizes = {4}}, two), "2 links and 1 sizes"},
      {file_block({.block_sizes = {most, 2}}, two), "too large"},
      {file_block({.type = Type::directory, .block_sizes = {}}), "a directory, not a file"},
      {file_block({.type = Type::hamt_shard, .block_sizes = {}}), "a directory, not a file"},
      {file_block({.type = Type::symlink, .data = "x", .block_sizes = {}}), "symbolic link"},
      {encode_dag_pb({}), "no UnixFS data"},
      {encode_dag_pb({.links = {}, .data = ""}), "no type"},
      {encode_dag_pb({.links = {}, .data = std::string_view("\x08\x06", 2)}), "unknown type 6"},
      {encode_dag_pb({.links = {}, .data = "\x08\x02\x08\x02"}), "type is there twice"},
      {encode_dag_pb({.links = {}, .data = "\x08\x02\x4a\x01x"}), "unknown field 9"},
  };
  for (const auto& [block, says] : all) {
    const auto wrong = decode(block);
    ASSERT_FALSE(wrong) << says;
    EXPECT_NE(wrong.error().detail.find(says), std::string::npos) << wrong.error().detail;
  }
  EXPECT_EQ(decode_file(Codec::raw, "anything")->data, "anything");
}

TEST(UnixFs, PackedSizesAreRead) {
  const std::vector<PbLink> two{{.cid = kSome, .name = {}, .size = 9},
                                {.cid = kSome, .name = {}, .size = 9}};
  const auto block = encode_dag_pb(
      {.links = two, .data = std::string_view("\x08\x02\x18\x0a\x22\x02\x04\x06", 8)});
  const auto node = decode_file(Codec::dag_pb, block);
  ASSERT_TRUE(node) << node.error().detail;
  EXPECT_EQ(node->parts[1].size, 6U);
}

}  // namespace
}  // namespace telltale::content
