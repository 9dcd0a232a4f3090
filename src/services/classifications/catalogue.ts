import type { Preprocessing } from './preprocessing.ts';

/** A file that can be fetched, and how to know that it is the right one. */
export interface RemoteFile {
  /** Its name at a mirror. */
  readonly name: string;
  /** Each gives the same bytes; the first that answers is taken. */
  readonly addresses: readonly string[];
  readonly bytes: number;
  readonly sha256: string;
}

/** A model that `coatcheck model pull` installs. */
export interface CatalogueEntry {
  readonly id: string;
  readonly title: string;
  readonly preprocess: Preprocessing;
  /** Percent of the pictures of ImageNet whose first label is right, as the ONNX Model Zoo tells. */
  readonly topOne: number;
  readonly licence: string;
  readonly model: RemoteFile;
  readonly labels: RemoteFile;
}

const hub = 'https://huggingface.co/onnxmodelzoo';

/** The 1,000 labels of ImageNet, in the order that all of these models have. */
const imagenetLabels: RemoteFile = {
  name: 'synset.txt',
  addresses: [
    'https://raw.githubusercontent.com/onnx/models/b1eeaa1ac722dcc1cd1a8284bde34393dab61c3d/validated/vision/classification/synset.txt',
  ],
  bytes: 31_675,
  sha256: 'acf75ef0abe89694b19056e0796401068b459c457baa30335f240c7692857355',
};

interface ZooModel extends Pick<CatalogueEntry, 'id' | 'title' | 'topOne'> {
  readonly family: string;
  readonly revision?: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly preprocess?: Preprocessing;
}

function zoo({ id, title, topOne, family, revision = 'main', bytes, sha256, preprocess = 'imagenet' }: ZooModel): CatalogueEntry {
  const addresses = [
    `${hub}/${id}/resolve/${revision}/${id}.onnx`,
    `${hub}/legacy_models/resolve/main/validated/vision/classification/${family}/model/${id}.onnx`,
  ];
  const model = { name: `${id}.onnx`, addresses, bytes, sha256 };
  return { id, title, topOne, preprocess, licence: 'Apache-2.0', model, labels: imagenetLabels };
}

/** Classifiers of the ONNX Model Zoo (https://github.com/onnx/models) for the 1,000 kinds of things of ImageNet. */
export const catalogue: readonly CatalogueEntry[] = [
  zoo({
    id: 'squeezenet1.1-7',
    title: 'SqueezeNet 1.1',
    family: 'squeezenet',
    revision: '61e525224ad479521059f4586bcacf50ad3627ca',
    bytes: 4_956_208,
    sha256: '1eeff551a67ae8d565ca33b572fc4b66e3ef357b0eb2863bb9ff47a918cc4088',
    topOne: 56.34,
  }),
  zoo({
    id: 'squeezenet1.0-12-int8',
    title: 'SqueezeNet 1.0, int8',
    family: 'squeezenet',
    bytes: 1_293_388,
    sha256: '3da17dfad1b7ba23c93fac6dbf49f6db78cd42f7519e915a2e27d37c5c0a972b',
    topOne: 56.48,
  }),
  zoo({
    id: 'mobilenetv2-12',
    title: 'MobileNetV2',
    family: 'mobilenet',
    bytes: 13_964_571,
    sha256: 'c0c3f76d93fa3fd6580652a45618618a220fced18babf65774ed169de0432ad5',
    topOne: 69.48,
  }),
  zoo({
    id: 'mobilenetv2-12-int8',
    title: 'MobileNetV2, int8',
    family: 'mobilenet',
    bytes: 3_655_033,
    sha256: 'cc028fe6cae7bc11a4ff53cfc9b79c920e8be65ce33a904ec3e2a8f66d77f95f',
    topOne: 68.3,
  }),
  zoo({
    id: 'mobilenetv2-7',
    title: 'MobileNetV2 (opset 7)',
    family: 'mobilenet',
    bytes: 14_246_826,
    sha256: 'c1c513582d56afceff8516c73804e484c81c6a830712ab6d682253f4a3cd042f',
    topOne: 70.94,
  }),
  zoo({
    id: 'resnet18-v1-7',
    title: 'ResNet-18',
    family: 'resnet',
    revision: 'e7cb849',
    bytes: 46_820_737,
    sha256: '4e8f8653e7a2222b3904cc3fe8e304cd8b339ce1d05fd24688162f86fb6df52c',
    topOne: 69.93,
  }),
  zoo({
    id: 'resnet50-v1-7',
    title: 'ResNet-50 (opset 7)',
    family: 'resnet',
    bytes: 102_583_340,
    sha256: 'af16a04a6ec48ac494065d4439fe9dea590d337b9ca6dc328160ccf04a217b9c',
    topOne: 74.93,
  }),
  zoo({
    id: 'resnet50-v1-12',
    title: 'ResNet-50',
    family: 'resnet',
    revision: '1f95315d8bd3b3ca2ceabe54d274e0cdf5a83bbe',
    bytes: 102_576_593,
    sha256: '3f03fdef724b22947eed826f1eef1dc5c34151bb4c37d634f1db89dfa2dd1526',
    topOne: 74.97,
  }),
  zoo({
    id: 'resnet50-v1-12-int8',
    title: 'ResNet-50, int8',
    family: 'resnet',
    revision: 'd843735a7f2c4a254931a633f6dc5758d52f06ee',
    bytes: 25_816_052,
    sha256: 'c234f30975989788b4405f25253275aae247ab6dbdd34aaa69ab0a59ff76f6d0',
    topOne: 74.77,
  }),
  zoo({
    id: 'shufflenet-v2-10',
    title: 'ShuffleNet V2 (opset 10)',
    family: 'shufflenet',
    bytes: 9_218_554,
    sha256: '8b85e969a0a5518b554c99548379d1ba54d973733a6a12012138d91852308584',
    topOne: 69.36,
  }),
  zoo({
    id: 'shufflenet-v2-12',
    title: 'ShuffleNet V2',
    family: 'shufflenet',
    bytes: 9_218_556,
    sha256: 'ea69821b4dd374ae2f33f9710dd1229ac263d0ee5b5a46ca3521f6483e1ba035',
    topOne: 66.35,
  }),
  zoo({
    id: 'shufflenet-v2-12-int8',
    title: 'ShuffleNet V2, int8',
    family: 'shufflenet',
    bytes: 2_388_912,
    sha256: 'bf5eefde67941aa7eaa7787316c9c52c4b04e07fc9587a6ea7028883be9a8d4e',
    topOne: 66.15,
  }),
  zoo({
    id: 'efficientnet-lite4-11',
    title: 'EfficientNet-Lite4',
    family: 'efficientnet-lite4',
    bytes: 51_946_641,
    sha256: 'd111689907c06eea7c82e4833ddef758da6453b9d4cf60b7e99ca05c7cbd9c12',
    topOne: 80.4,
    preprocess: 'efficientnet',
  }),
  zoo({
    id: 'efficientnet-lite4-11-int8',
    title: 'EfficientNet-Lite4, int8',
    family: 'efficientnet-lite4',
    bytes: 13_585_963,
    sha256: '2b3cbb5077262b20df565dacddecb3724c0976c35029a87e512d13aa4eff04a2',
    topOne: 77.56,
    preprocess: 'efficientnet',
  }),
];
