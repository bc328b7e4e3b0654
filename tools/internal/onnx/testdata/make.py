"""ONNX files that are not ours, made by the onnx package; run by hand.

    VAELAB_ONNX_OUT=/tmp/vae.onnx go test .. -run TestWriteForFixtures
    python make.py /tmp/vae.onnx                              onnx 1.23.2, numpy 2.4.6

writes resaved.onnx (the same model as onnx.save writes it, values in float_data), and to be refused classifier.onnx (another model),
half.onnx (VAE.onnx in half precision), shifted.onnx (VAE.onnx with PyTorch's padding of the transposed convolution).
"""
import os
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = os.path.dirname(os.path.abspath(__file__))


def save(model, name):
    onnx.save(model, os.path.join(HERE, name))


def resaved(path):
    model = onnx.load(path)
    for t in model.graph.initializer:
        if t.data_type == TensorProto.FLOAT:
            values = numpy_helper.to_array(t).ravel().tolist()
            t.ClearField("raw_data")
            t.float_data.extend(values)
    return onnx.shape_inference.infer_shapes(model)


def half(path):
    model = onnx.load(path)
    for i, t in enumerate(model.graph.initializer):
        if t.data_type == TensorProto.FLOAT:
            model.graph.initializer[i].CopyFrom(numpy_helper.from_array(numpy_helper.to_array(t).astype(np.float16), t.name))
    return model


def shifted(path):
    model = onnx.load(path)
    for n in model.graph.node:
        if n.op_type == "ConvTranspose":
            for a in list(n.attribute):
                if a.name == "pads":
                    a.ints[:] = [1, 1, 1, 1]
            n.attribute.append(helper.make_attribute("output_padding", [1, 1]))
    return model


def classifier():
    x = helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", 1, 28, 28])
    y = helper.make_tensor_value_info("output", TensorProto.FLOAT, ["N", 10])
    w = numpy_helper.from_array(np.ones((784, 10), np.float32), "fc.weight")
    nodes = [helper.make_node("Flatten", ["input"], ["h"]), helper.make_node("MatMul", ["h", "fc.weight"], ["output"])]
    graph = helper.make_graph(nodes, "classifier", [x], [y], [w])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)


save(resaved(sys.argv[1]), "resaved.onnx")
save(half(sys.argv[1]), "half.onnx")
save(shifted(sys.argv[1]), "shifted.onnx")
save(classifier(), "classifier.onnx")
